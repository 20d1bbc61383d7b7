"""What an instructor does before a class: builds template and key, makes the release."""
