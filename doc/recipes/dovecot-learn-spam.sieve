# Run by Dovecot when a reader moves a mail into the recruiters' folder.
require ["vnd.dovecot.pipe", "copy", "imapsieve"];

pipe :copy "dovecot-spamrec-learn" ["--spam"];
