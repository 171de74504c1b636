# Run by Dovecot when a reader moves a mail out of the recruiters' folder: whither tells whether they want it.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :is "imap.mailbox" ["Trash", "Deleted Items", "Deleted Messages", "Junk", "Spam"] {
    stop;
}
pipe :copy "dovecot-spamrec-learn" ["--legit"];
