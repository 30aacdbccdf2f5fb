"""The judgements, one subject a file; each a plain function of its arguments."""
