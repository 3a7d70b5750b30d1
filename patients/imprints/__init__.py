"""Pages and parts of them as they were written once, kept in this process while nothing changes what they say."""
