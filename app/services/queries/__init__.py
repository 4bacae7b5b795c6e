"""The reads behind pages, REST and command line: a fixed number of statements each, however much there is to show."""
