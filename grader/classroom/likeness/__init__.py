"""Which submissions of a class are alike in what students wrote, and how rare that is in the class.

No number here is a verdict: it says where a person may want to look.
"""
