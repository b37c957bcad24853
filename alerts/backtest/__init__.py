"""What a rule would have done: the same state machine over stored minutes, without incidents and without telling anybody."""
