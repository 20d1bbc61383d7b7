"""Every sentence and label that people read: plain text, imports ``grader.model`` only."""
