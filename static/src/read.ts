// Pages that are only read: the reader's theme, and nothing else.
import "./nav";
