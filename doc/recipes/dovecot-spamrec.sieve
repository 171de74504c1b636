# Tag a mail with the program dovecot-spamrec-filter in sieve_filter_bin_dir, and file it where it is called spam.
require ["vnd.dovecot.filter", "fileinto", "mailbox"];

# false where the program failed: then the mail is as it was, and a header that came with it counts for nothing
if filter "dovecot-spamrec-filter" {
    if header :matches "X-Spamrec" "Spam,*" {
        fileinto :create "Recruiters";
        stop;
    }
}
