"""Rules, targets and the privacy policy of an environment as a text that is reviewed, kept in version control and applied."""
