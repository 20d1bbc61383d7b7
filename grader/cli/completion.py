"""``grader completion``: a script that completes commands, options and their choices in a shell.

Made of the parser itself, so that it knows every option. ``eval "$(grader completion bash)"``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from grader.cli import DONE, parser

_BASH = """\
_grader() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="@COMMANDS@"
  else
    case "${COMP_WORDS[1]} $before" in
@CHOICES@
      *) case "${COMP_WORDS[1]}" in
@OPTIONS@
      esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _grader grader
"""


def run(arguments: argparse.Namespace) -> int:
    """Print the script for a shell."""
    if arguments.shell == "fish":
        print("\n".join(_fish()))
        return DONE
    if arguments.shell == "zsh":
        print("autoload -U +X bashcompinit && bashcompinit")
    print(_bash(), end="")
    return DONE


def _commands() -> dict[str, argparse.ArgumentParser]:
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _bash() -> str:
    choices, options = [], []
    for name, made in _commands().items():
        words = [flag for action in made._actions for flag in action.option_strings]
        for action in made._actions:
            if not action.choices:
                continue
            offered = " ".join(map(str, action.choices))
            if action.option_strings:
                case = "|".join(f"'{name} {flag}'" for flag in action.option_strings)
                choices.append(f'      {case}) words="{offered}" ;;')
            else:
                words.append(offered)
        options.append(f'        {name}) words="{" ".join(words)}" ;;')
    made_of = (("@COMMANDS@", " ".join(_commands())), ("@CHOICES@", "\n".join(choices)))
    script = _BASH.replace("@OPTIONS@", "\n".join(options))
    for mark, text in made_of:
        script = script.replace(mark, text)
    return script


def _fish() -> Iterator[str]:
    for name, made in _commands().items():
        help = (made.description or "").replace("'", "\\\\'")
        yield f"complete -c grader -n __fish_use_subcommand -f -a {name} -d '{help}'"
        for action in made._actions:
            where = f"complete -c grader -n '__fish_seen_subcommand_from {name}'"
            offered = f" -x -a '{' '.join(map(str, action.choices))}'" if action.choices else ""
            for flag in action.option_strings:
                kind = "l" if flag.startswith("--") else "s"
                yield f"{where} -{kind} {flag.lstrip('-')}{offered}"
            if not action.option_strings and offered:
                yield f"{where}{offered.replace(' -x', ' -f')}"
