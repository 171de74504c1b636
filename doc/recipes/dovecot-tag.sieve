# Tag a mail and file nothing: for readers whose own scripts ask for the header or for spamtest.
require ["vnd.dovecot.filter"];

if filter "dovecot-spamrec-filter" { }
