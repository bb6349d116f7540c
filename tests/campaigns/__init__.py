"""Long runs against the real service, each with its make target and a short form in the suite."""
