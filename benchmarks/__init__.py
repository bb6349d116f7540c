"""Speed, measured against a floor in the same run: these machines are shared, so only ratios count."""
