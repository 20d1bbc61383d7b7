// Filters and sorts the table of submissions. Without it the table is whole, in the class's order.
"use strict";
const table = document.querySelector("table.submissions");
const controls = document.querySelector(".filter");
const rows = Array.from(table.tBodies[0].rows);
const field = controls.querySelector("input");
const told = controls.querySelector("output");
const texts = rows.map((row) => row.textContent.toLowerCase());
controls.hidden = false;

function filter() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  rows.forEach((row, i) => {
    row.hidden = !words.every((word) => texts[i].includes(word));
    shown += row.hidden ? 0 : 1;
  });
  told.textContent = words.length ? `${shown} of ${rows.length} shown` : "";
}

function key(row, column) {
  const text = row.cells[column].textContent.trim();
  const number = parseFloat(text);
  return Number.isNaN(number) ? text.toLowerCase() : number;
}

function sort(head, column) {
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const keyed = rows.map((row, place) => ({ row, place, key: key(row, column) }));
  keyed.sort((one, other) => {
    const kinds = (typeof one.key === "number" ? 0 : 1) - (typeof other.key === "number" ? 0 : 1);
    const order = kinds || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
    return (down ? -order : order) || one.place - other.place;
  });
  table.tBodies[0].append(...keyed.map((entry) => entry.row));
}

Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  button.addEventListener("click", () => sort(head, column));
  head.append(button);
});
field.addEventListener("input", filter);
