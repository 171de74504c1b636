# A reader's own script where the tagging script files nothing: from 90 % on to the recruiters' folder.
# 0 stands for "not tested" too, so nothing is done where spamrec failed.
require ["spamtestplus", "fileinto", "mailbox", "relational", "comparator-i;ascii-numeric"];

if spamtest :percent :value "ge" :comparator "i;ascii-numeric" "90" {
    fileinto :create "Recruiters";
}
