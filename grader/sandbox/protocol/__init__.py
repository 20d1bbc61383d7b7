"""What both sides of the sandbox say: frames, control messages, levels; imports no other room."""
