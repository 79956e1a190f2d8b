# Notices: what people are told, in the portal and by e-mail; webhooks

notices-title = Notices
notices-lead = What needs your attention, and what has been recorded about the organisations that you work for.
notices-none = There are no notices yet.
notices-read-all = Mark all as read
notices-new = New
notices-unread = { $count ->
    [one] 1 unread notice
   *[other] { $count } unread notices
}
notices-unread-many = More than 99 unread notices
notices-mark = Mark as read
notices-mail-off = No e-mail is sent to you: there is no address in your account.
notices-mail-to = You are also told by e-mail, at { $address }.
notices-older = Older notices
column-notice = Notice
column-told-at = Told at
column-attempts = Attempts

notice-due-in = { $what }: { $days ->
    [one] 1 day left
   *[other] { $days } days left
} (until { $day })
notice-due-today = { $what }: today is the last day ({ $day })
notice-due-past = { $what }: the day was { $day }, { $days ->
    [one] 1 day ago
   *[other] { $days } days ago
}
notice-asked = Your answer is asked for: { $what }
notice-answered = An answer has come to what you had said: { $what }
notice-recorded = Recorded about your organisation: { $what }
notice-approval = A draft waits for your approval: { $what }
notice-registration = An organisation waits to be accepted
notice-stopped = The webhook at { $host } was stopped after too many failures
notice-test = This is a test. It works.

mail-subject = { $count ->
    [one] 1 new notice
   *[other] { $count } new notices
}
mail-hello = Dear { $name },
mail-lead = { $count ->
    [one] There is something new for you in the register.
   *[other] There are { $count } new things for you in the register.
}
mail-more = { $count ->
    [one] One more is on your desk.
   *[other] { $count } more are on your desk.
}
mail-all = All notices
mail-why = You receive this mail because you have an account with this register. It was sent by a program; answers to it are not read.
mail-change = Address and language of notices

webhooks-title = Webhooks
webhooks-node = Webhooks of this node
webhooks-lead = Your own programs are told of what happens by a signed message to an address of yours. It holds ids and links only.
webhooks-none = There are no webhooks yet.
webhooks-log = Messages of the last days
webhooks-log-none = Nothing has been sent yet.
webhook-add = Add a webhook
webhook-url = Address
webhook-url-hint = https only, in the public internet. Redirections are not followed.
webhook-events = What it is told
webhook-make = Add
webhook-made = The webhook was added. This is its key; it is shown only now:
webhook-made-note = Every message is signed with it (Standard Webhooks). docs/notices.md shows how to check that in three lines.
webhook-test = Send a test
webhook-remove = Remove
webhook-start = Start again
webhook-on = On
webhook-stopped = Stopped: too many failures
webhook-failures = { $count ->
    [one] The last attempt failed.
   *[other] The last { $count } attempts failed.
}
webhook-many = There are already ten webhooks: remove one first.
webhook-url-wrong = This is no address. Enter one such as https://host.example/path, at most 500 characters long.
webhook-url-plain = The address has to begin with https://.
webhook-url-credentials = The address may hold no user name and no password: messages are signed instead.
webhook-url-inside = The address leads to a network that is not public.
webhook-events-none = Choose at least one kind of message.

event-due = Days that come near or are past (your own organisation only)
event-asked = Something is asked of you
event-answered = An answer to what you had said
event-recorded = An act about your organisation
event-recorded-node = Every new statement
event-registration = An organisation waits to be accepted
event-approval = A draft waits for approval
event-stopped = A webhook was stopped
event-test = Test

deliveries-title = Delivery of notices
deliveries-lead = Everything that has gone out from this node or waits to, newest first.
deliveries-none = Nothing has been sent yet.
deliveries-mail-off = No e-mail is sent: no mail server is set up (docs/notices.md).
deliveries-older = Older ones
delivery-mail = E-mail to { $to } ({ $count ->
    [one] 1 notice
   *[other] { $count } notices
})
delivery-webhook = Webhook { $host }: { $what }
delivery-queued = Waits
delivery-next = Next attempt: { $time }
delivery-sending = Being sent
delivery-sent = Sent
delivery-given-up = Given up
notice-restricted = a restricted statement
