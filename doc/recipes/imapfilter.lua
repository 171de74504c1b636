-- imapfilter: move recruiters' mail among what is unread. Into ~/.imapfilter/config.lua.
-- Only the status 0 says spam: where spamrec is missing, fails or is killed, the mail stays where it is. `spamrec imap`
-- does as much by itself; this is for those who have rules in imapfilter already.
options.create = true

_, password = pipe_from('pass show imap.example.org')

account = IMAP {
    server = 'imap.example.org',
    username = 'ray',
    password = password:match('[^\n]+'),
    ssl = 'auto',
}

-- cat reads what spamrec leaves unread where it fails: imapfilter does not survive a pipe that nobody reads
judge = '(spamrec classify - --exit-code=bogofilter; status=$?; cat; exit $status) >/dev/null'

spam = Set {}
for _, mail in ipairs(account['INBOX']:is_unseen()) do
    mailbox, uid = table.unpack(mail)
    if pipe_to(judge, mailbox[uid]:fetch_message()) == 0 then
        table.insert(spam, mail)
    end
end
spam:move_messages(account['Recruiters'])
