-- The relay's statements, by name. Lists of keys come as one JSON array.

-- ---- what a batch touches ---------------------------------------------------------------------

-- name: find_wamids
-- Where known messages stand; also by the further wamids of messages that were delivered twice.
SELECT k.value ->> 0, k.value ->> 1, e.id, e.conversation, e.sid, e.delivery, e.delivery_at
FROM json_each(:keys) AS k
JOIN entries AS e ON e.wamid = k.value ->> 1 AND e.number = k.value ->> 0
UNION ALL
SELECT k.value ->> 0, k.value ->> 1, e.id, e.conversation, e.sid, e.delivery, e.delivery_at
FROM json_each(:keys) AS k
JOIN further_wamids AS f ON f.wamid = k.value ->> 1 AND f.number = k.value ->> 0
JOIN entries AS e ON e.id = f.entry

-- name: find_parked
SELECT p.number, p.wamid, p.fact
FROM json_each(:keys) AS k
JOIN parked AS p ON p.wamid = k.value ->> 1 AND p.number = k.value ->> 0
ORDER BY p.id

-- name: find_people
-- The live identities asked for, each with its customer; merged ones lead to their root.
SELECT i.kind, i.value, i.scope, i.customer,
    c.id, c.created_at, c.name, c.username, c.phone, c.user_id, c.language, c.vip, c.tags,
    c.merged_into, c.same_as, c.number_reused, c.manager, c.manager_backup, c.opted_out,
    c.rating_asked_at, c.served_by, c.served_at
FROM json_each(:keys) AS k
JOIN identities AS i ON i.value = k.value ->> 1 AND i.kind = k.value ->> 0
    AND i.scope = k.value ->> 2 AND i.superseded_at IS NULL
JOIN customers AS m ON m.id = i.customer
JOIN customers AS c ON c.id = coalesce(m.merged_into, m.id)

-- name: find_ids_of
-- The live business-scoped ids of customers, whichever of their merged selves has them.
SELECT i.kind, i.value, i.scope, k.value
FROM json_each(:keys) AS k
JOIN customers AS m ON m.id = k.value OR m.merged_into = k.value
JOIN identities AS i ON i.customer = m.id AND i.superseded_at IS NULL
WHERE i.kind = 'bsuid'

-- name: find_customers
SELECT m.id,
    c.id, c.created_at, c.name, c.username, c.phone, c.user_id, c.language, c.vip, c.tags,
    c.merged_into, c.same_as, c.number_reused, c.manager, c.manager_backup, c.opted_out,
    c.rating_asked_at, c.served_by, c.served_at
FROM json_each(:keys) AS k
JOIN customers AS m ON m.id = k.value
JOIN customers AS c ON c.id = coalesce(m.merged_into, m.id)

-- name: find_threads_of_customers
SELECT t.id, t.number, t.customer, t.peer_group
FROM json_each(:keys) AS k
JOIN threads AS t ON t.customer = k.value ->> 1 AND t.number = k.value ->> 0

-- name: find_threads_of_groups
SELECT t.id, t.number, t.customer, t.peer_group
FROM json_each(:keys) AS k
JOIN threads AS t ON t.peer_group = k.value ->> 1 AND t.number = k.value ->> 0
    AND t.peer_group <> ''

-- name: find_threads
SELECT t.id, t.number, t.customer, t.peer_group
FROM json_each(:keys) AS k
JOIN threads AS t ON t.id = k.value

-- name: find_current
-- Of each thread the conversation that a new message meets: the unresolved one, else the newest.
SELECT c.*
FROM json_each(:keys) AS k
JOIN conversations_now AS c ON c.id = coalesce(
    (SELECT o.id FROM conversations AS o WHERE o.thread = k.value AND o.status <> 'resolved'),
    (SELECT max(r.id) FROM conversations AS r WHERE r.thread = k.value AND r.merged_into IS NULL))

-- name: find_conversations
SELECT c.*
FROM json_each(:keys) AS k
JOIN conversations_now AS c ON c.id = k.value

-- name: find_refs
SELECT c.*
FROM json_each(:keys) AS k
JOIN conversations_now AS c ON c.ref = k.value

-- name: find_sids
SELECT e.id
FROM json_each(:keys) AS k
JOIN entries AS e ON e.sid = k.value

-- name: find_entries
SELECT e.id, e.thread, e.conversation, e.number, e.direction, e.content, e.at, e.arrived_at,
    e.wamid, e.sid, e.customer, e.author, e.delivery, e.delivery_at, e.attempt, e.failure,
    e.then_status, e.cleared, e.leaves_at, e.twice, e.order_unsure, e.quote, e.quote_wamid,
    e.forwarded, e.referral, e.reactions, e.edited_at, e.edit_wamid, e.original, e.revoked_at,
    e.media, e.auto
FROM json_each(:keys) AS k
JOIN entries AS e ON e.id = k.value

-- name: find_newest
SELECT k.value, coalesce(max(e.id), 0)
FROM json_each(:keys) AS k
LEFT JOIN threads AS t ON t.customer = k.value
LEFT JOIN entries AS e ON e.thread = t.id
GROUP BY k.value

-- name: find_results
SELECT r.command_id, r.digest, r.agent, r.body, r.at
FROM json_each(:keys) AS k
JOIN results AS r ON r.command_id = k.value

-- ---- what came of it --------------------------------------------------------------------------

-- name: keep_customer*!
INSERT INTO customers (
    id, created_at, name, username, phone, user_id, language, vip, tags, merged_into, same_as,
    number_reused, manager, manager_backup, opted_out, rating_asked_at,
    served_by, served_at)
VALUES (
    :id, :created_at, :name, :username, :phone, :user_id, :language, :vip, :tags, :merged_into,
    :same_as, :number_reused, :manager, :manager_backup, :opted_out, :rating_asked_at,
    :served_by, :served_at)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, username = excluded.username, phone = excluded.phone,
    user_id = excluded.user_id, language = excluded.language, vip = excluded.vip,
    tags = excluded.tags, merged_into = excluded.merged_into, same_as = excluded.same_as,
    number_reused = excluded.number_reused, manager = excluded.manager,
    manager_backup = excluded.manager_backup, opted_out = excluded.opted_out,
    rating_asked_at = excluded.rating_asked_at, served_by = excluded.served_by,
    served_at = excluded.served_at

-- name: keep_person_text*!
INSERT INTO people_texts (customer, folded) VALUES (:customer, :folded)
ON CONFLICT (customer) DO UPDATE SET folded = excluded.folded WHERE folded <> excluded.folded

-- name: remember_merge*!
-- What a merge is about to hand over, so that it can be given back.
INSERT INTO merged_parts (customer, kind, part)
SELECT :id, 'customer', id FROM customers WHERE merged_into = :id
UNION ALL
SELECT :id, 'thread', t.id FROM threads AS t
WHERE t.customer = :id AND NOT EXISTS (
    SELECT 1 FROM threads AS r WHERE r.number = t.number AND r.customer = :merged_into)

-- name: follow_merge*!
-- Whoever pointed at a merged customer points at its root, so that one step always suffices.
UPDATE customers SET merged_into = :merged_into WHERE merged_into = :id

-- name: hand_threads_over*!
-- Numbers on which the root never spoke take the merged customer's thread.
UPDATE threads SET customer = :merged_into
WHERE customer = :id AND NOT EXISTS (
    SELECT 1 FROM threads AS r WHERE r.number = threads.number AND r.customer = :merged_into)

-- name: supersede_identity*!
UPDATE identities SET superseded_at = :at
WHERE value = :value AND kind = :kind AND scope = :scope AND superseded_at IS NULL

-- name: link_identity*!
INSERT INTO identities (kind, value, scope, customer) VALUES (:kind, :value, :scope, :customer)
ON CONFLICT (value, kind, scope) WHERE superseded_at IS NULL
DO UPDATE SET customer = excluded.customer

-- name: add_thread*!
INSERT INTO threads (id, number, customer, peer_group) VALUES (:id, :number, :customer, :peer_group)

-- name: add_conversation*!
INSERT INTO conversations (
    id, ref, number, thread, customer, opened_at, status, flags, priority, language, team, assignee,
    last_owner, resolver, tags, outcome, waiting_since, last_in_at, last_in, last_in_wamid,
    last_out, last_out_by, last_id, last_at, last_direction, last_kind, last_text, last_author,
    last_delivery, last_wamid, unread, unconfirmed, undelivered, sending, resolve_when_sent,
    snoozed_until, resolved_at, merged_into, spam, undo, version, sort_key, phone_said,
    topic, complex, language_by, language_hint, answered, spoken_at, greeted, kept_from,
    kept_until, clocks, bot, escalation, rating, custody, mentions)
VALUES (
    :id, :ref, :number, :thread, :customer, :opened_at, :status, :flags, :priority, :language,
    :team, :assignee, :last_owner, :resolver, :tags, :outcome, :waiting_since, :last_in_at,
    :last_in, :last_in_wamid, :last_out, :last_out_by, :last_id, :last_at, :last_direction,
    :last_kind, :last_text, :last_author, :last_delivery, :last_wamid, :unread, :unconfirmed,
    :undelivered, :sending, :resolve_when_sent, :snoozed_until, :resolved_at, :merged_into, :spam,
    :undo, :version, :sort_key, :phone_said,
    :topic, :complex, :language_by, :language_hint, :answered, :spoken_at, :greeted, :kept_from,
    :kept_until, :clocks, :bot, :escalation, :rating, :custody, :mentions)

-- name: change_conversation*!
UPDATE conversations SET
    thread = :thread, customer = :customer, status = :status, flags = :flags, priority = :priority,
    language = :language, team = :team, assignee = :assignee, last_owner = :last_owner,
    resolver = :resolver, tags = :tags, outcome = :outcome, waiting_since = :waiting_since,
    last_in_at = :last_in_at, last_in = :last_in, last_in_wamid = :last_in_wamid,
    last_out = :last_out, last_out_by = :last_out_by, last_id = :last_id, last_at = :last_at,
    last_direction = :last_direction, last_kind = :last_kind, last_text = :last_text,
    last_author = :last_author, last_delivery = :last_delivery, last_wamid = :last_wamid,
    unread = :unread, unconfirmed = :unconfirmed, undelivered = :undelivered, sending = :sending,
    resolve_when_sent = :resolve_when_sent, snoozed_until = :snoozed_until,
    resolved_at = :resolved_at, merged_into = :merged_into, spam = :spam, undo = :undo,
    version = :version, sort_key = :sort_key, phone_said = :phone_said,
    topic = :topic, complex = :complex, language_by = :language_by,
    language_hint = :language_hint, answered = :answered, spoken_at = :spoken_at,
    greeted = :greeted, kept_from = :kept_from, kept_until = :kept_until, clocks = :clocks,
    bot = :bot, escalation = :escalation, rating = :rating, custody = :custody,
    mentions = :mentions
WHERE id = :id

-- name: touch_conversation*!
-- As above without the columns that indices watch: no index is touched.
UPDATE conversations SET
    priority = :priority, last_owner = :last_owner, resolver = :resolver, outcome = :outcome,
    waiting_since = :waiting_since, last_in_at = :last_in_at, last_in = :last_in,
    last_in_wamid = :last_in_wamid, last_out = :last_out, last_out_by = :last_out_by,
    last_id = :last_id, last_at = :last_at, last_direction = :last_direction,
    last_kind = :last_kind, last_text = :last_text, last_author = :last_author,
    last_delivery = :last_delivery, last_wamid = :last_wamid, unread = :unread,
    unconfirmed = :unconfirmed, undelivered = :undelivered, sending = :sending,
    resolve_when_sent = :resolve_when_sent, snoozed_until = :snoozed_until,
    resolved_at = :resolved_at, spam = :spam, undo = :undo, version = :version,
    phone_said = :phone_said,
    topic = :topic, complex = :complex, language_by = :language_by,
    language_hint = :language_hint, answered = :answered, spoken_at = :spoken_at,
    greeted = :greeted, kept_from = :kept_from, kept_until = :kept_until, clocks = :clocks,
    bot = :bot, escalation = :escalation, rating = :rating, custody = :custody
WHERE id = :id

-- name: assign_conversation*!
-- The same with the owner: of the indices only those that know owners are touched.
UPDATE conversations SET
    assignee = :assignee, priority = :priority, last_owner = :last_owner, resolver = :resolver, outcome = :outcome,
    waiting_since = :waiting_since, last_in_at = :last_in_at, last_in = :last_in,
    last_in_wamid = :last_in_wamid, last_out = :last_out, last_out_by = :last_out_by,
    last_id = :last_id, last_at = :last_at, last_direction = :last_direction,
    last_kind = :last_kind, last_text = :last_text, last_author = :last_author,
    last_delivery = :last_delivery, last_wamid = :last_wamid, unread = :unread,
    unconfirmed = :unconfirmed, undelivered = :undelivered, sending = :sending,
    resolve_when_sent = :resolve_when_sent, snoozed_until = :snoozed_until,
    resolved_at = :resolved_at, spam = :spam, undo = :undo, version = :version,
    phone_said = :phone_said,
    topic = :topic, complex = :complex, language_by = :language_by,
    language_hint = :language_hint, answered = :answered, spoken_at = :spoken_at,
    greeted = :greeted, kept_from = :kept_from, kept_until = :kept_until, clocks = :clocks,
    bot = :bot, escalation = :escalation, rating = :rating, custody = :custody
WHERE id = :id

-- name: forget_tags*!
DELETE FROM conversation_tags
WHERE conversation = :conversation AND tag IN (SELECT value FROM json_each(:tags))

-- name: add_tag*!
INSERT INTO conversation_tags (tag, conversation) VALUES (:tag, :conversation)
ON CONFLICT DO NOTHING

-- name: remember_moved*!
INSERT INTO merged_parts (customer, kind, part)
SELECT t.customer, 'case', c.id
FROM threads AS t
JOIN (
    SELECT id FROM conversations WHERE thread = :source
    UNION SELECT conversation FROM entries WHERE thread = :source) AS c
WHERE t.id = :source

-- name: part_customers*!
UPDATE customers SET merged_into = :customer
WHERE id IN (SELECT part FROM merged_parts WHERE customer = :customer AND kind = 'customer')

-- name: part_threads*!
UPDATE threads SET customer = :customer
WHERE id IN (SELECT part FROM merged_parts WHERE customer = :customer AND kind = 'thread')

-- name: part_entries*!
UPDATE entries SET thread = :own
WHERE thread = :shared AND conversation IN (
    SELECT part FROM merged_parts WHERE customer = :customer AND kind = 'case')

-- name: part_conversations*!
UPDATE conversations SET thread = :own
WHERE id IN (SELECT part FROM merged_parts WHERE customer = :customer AND kind = 'case')

-- name: forget_merge*!
DELETE FROM merged_parts WHERE customer = :customer

-- name: move_entries*!
UPDATE entries SET thread = :target WHERE thread = :source

-- name: move_conversations*!
UPDATE conversations SET thread = :target WHERE thread = :source

-- name: add_entry*!
INSERT INTO entries (
    id, thread, conversation, number, direction, content, at, arrived_at, wamid, sid, customer,
    author, delivery, delivery_at, attempt, failure, then_status, cleared, leaves_at, twice,
    order_unsure, quote, quote_wamid, forwarded, referral, reactions, edited_at, edit_wamid,
    original, revoked_at, media, auto, media_digest)
VALUES (
    :id, :thread, :conversation, :number, :direction, :content, :at, :arrived_at, :wamid, :sid,
    :customer, :author, :delivery, :delivery_at, :attempt, :failure, :then_status, :cleared,
    :leaves_at, :twice, :order_unsure, :quote, :quote_wamid, :forwarded, :referral, :reactions,
    :edited_at, :edit_wamid, :original, :revoked_at, :media, :auto, :media_digest)

-- name: change_entry*!
UPDATE entries SET
    thread = :thread, conversation = :conversation, direction = :direction, content = :content,
    at = :at, arrived_at = :arrived_at, wamid = :wamid, sid = :sid, customer = :customer,
    author = :author, delivery = :delivery, delivery_at = :delivery_at, attempt = :attempt,
    failure = :failure, then_status = :then_status, cleared = :cleared, leaves_at = :leaves_at,
    twice = :twice, order_unsure = :order_unsure, quote = :quote, quote_wamid = :quote_wamid,
    forwarded = :forwarded, referral = :referral, reactions = :reactions, edited_at = :edited_at,
    edit_wamid = :edit_wamid, original = :original, revoked_at = :revoked_at, media = :media,
    auto = :auto, media_digest = :media_digest
WHERE id = :id

-- name: add_wamid*!
INSERT INTO further_wamids (wamid, number, entry) VALUES (:wamid, :number, :entry)
ON CONFLICT DO NOTHING

-- name: move_delivery*!
UPDATE entries SET delivery = :delivery, delivery_at = :at WHERE id = :id

-- name: keep_price*!
-- Told with every state; written once.
UPDATE entries SET price_category = :category, price_billing = :billing
WHERE wamid = :wamid AND number = :number
    AND (price_category IS NOT :category OR price_billing IS NOT :billing)

-- name: keep_text*!
INSERT INTO texts (entry, folded) VALUES (:entry, :folded)
ON CONFLICT (entry) DO UPDATE SET folded = excluded.folded WHERE folded <> excluded.folded

-- name: add_history*!
INSERT INTO history (conversation, at, actor, kind, data)
VALUES (:conversation, :at, :actor, :kind, :data)

-- name: keep_attempt*!
INSERT INTO attempts (sid, n, state, boot, at, wamid, error)
VALUES (:sid, :n, :state, :boot, :at, :wamid, :error)
ON CONFLICT (sid, n) DO UPDATE SET
    state = excluded.state, boot = excluded.boot, at = excluded.at,
    wamid = coalesce(excluded.wamid, attempts.wamid), error = excluded.error

-- name: pay*!
DELETE FROM outbox WHERE kind = :kind AND key = :key

-- name: owe*!
INSERT INTO outbox (kind, key, due, number, lane, body, tries)
VALUES (:kind, :key, :due, :number, :lane, :body, :tries)
ON CONFLICT (kind, key) DO UPDATE SET
    due = excluded.due, number = excluded.number, lane = excluded.lane, body = excluded.body,
    tries = excluded.tries

-- name: keep_page*!
INSERT INTO pages (conversation, since, page, channel, agent, state, at, wamid)
VALUES (:conversation, :since, :page, :channel, :agent, :state, :at, :wamid)
ON CONFLICT (conversation, since, page, channel) DO UPDATE SET
    state = excluded.state, wamid = excluded.wamid

-- name: add_cover*!
INSERT INTO covers (at, by_agent, starts, ends, holder)
VALUES (:at, :by_agent, :starts, :ends, :holder)

-- name: add_duty*!
INSERT INTO duties (at, by_actor, whom, starts, ends, hours)
VALUES (:at, :by_actor, :whom, :starts, :ends, :hours)

-- name: add_turns*!
INSERT INTO turns (at, by_actor, holders, begins) VALUES (:at, :by_actor, :holders, :begins)

-- name: open_team*!
INSERT INTO teams (name, at) VALUES (:name, :at) ON CONFLICT (name) DO NOTHING

-- name: close_team*!
DELETE FROM teams WHERE name = :name

-- name: set_alarm*!
INSERT INTO alarms (conversation, reason, due) VALUES (:conversation, :reason, :due)
ON CONFLICT (conversation, reason) DO UPDATE SET due = excluded.due WHERE due <> excluded.due

-- name: forget_alarm*!
DELETE FROM alarms WHERE conversation = :conversation AND reason = :reason

-- name: alarm_rang*!
DELETE FROM alarms WHERE conversation = :conversation AND reason = :reason AND due = :due

-- name: park*!
-- Once, however often WhatsApp repeats it.
INSERT INTO parked (number, wamid, fact, at) SELECT :number, :wamid, :fact, :at
WHERE NOT EXISTS (
    SELECT 1 FROM parked WHERE wamid = :wamid AND number = :number AND fact = :fact)

-- name: unpark*!
DELETE FROM parked WHERE wamid = :wamid AND number = :number

-- name: add_event*!
INSERT INTO events (seq, at, kind, conversation, body)
VALUES (:seq, :at, :kind, :conversation, :body)

-- name: keep_result*!
INSERT INTO results (command_id, digest, agent, body, at)
VALUES (:command_id, :digest, :agent, :body, :at)

-- name: set_aside*!
INSERT INTO quarantine (journal, path, reason, at) VALUES (:journal, :path, :reason, :at)

-- name: release*!
DELETE FROM quarantine WHERE journal = :journal AND path = :path

-- name: add_subject*!
INSERT INTO journal_subjects (journal, subject) VALUES (:journal, :subject) ON CONFLICT DO NOTHING

-- name: keep_number*!
INSERT INTO numbers (id, name, phone, team, claimed, paused)
VALUES (:id, :name, :phone, :team, :claimed, :paused)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, phone = excluded.phone, team = excluded.team,
    claimed = excluded.claimed, paused = excluded.paused

-- name: keep_agent*!
INSERT INTO agents (
    id, name, role, teams, presence, revoked_at, state, until, presence_since, assigned_at,
    capacity, topics, languages, vip)
VALUES (
    :id, :name, :role, :teams, :presence, :revoked_at, :state, :until, :presence_since,
    :assigned_at, :capacity, :topics, :languages, :vip)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, role = excluded.role, teams = excluded.teams,
    presence = excluded.presence, revoked_at = excluded.revoked_at, state = excluded.state,
    until = excluded.until, presence_since = excluded.presence_since,
    assigned_at = excluded.assigned_at, capacity = excluded.capacity, topics = excluded.topics,
    languages = excluded.languages, vip = excluded.vip

-- name: keep_token*!
INSERT INTO tokens (id, agent, digest, created_at, revoked_at)
VALUES (:id, :agent, :digest, :created_at, :revoked_at)
ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at

-- name: keep_reply*!
INSERT INTO replies (name, body) VALUES (:name, :body)
ON CONFLICT (name) DO UPDATE SET body = excluded.body

-- name: forget_reply*!
DELETE FROM replies WHERE name = :name

-- name: forget_templates*!
DELETE FROM templates WHERE account = :account

-- name: add_template*!
INSERT INTO templates (account, name, language, body) VALUES (:account, :name, :language, :body)

-- name: keep_counter*!
INSERT INTO counters (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: last_audit
SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1

-- name: add_audit*!
INSERT INTO audit (id, at, actor, act, subject, data, prev, hash)
VALUES (:id, :at, :actor, :act, :subject, :data, :prev, :hash)

-- ---- the engine's other questions -------------------------------------------------------------

-- name: counters
SELECT name, value FROM counters

-- name: last_id
SELECT max(coalesce((SELECT max(id) FROM customers), 0), coalesce((SELECT max(id) FROM threads), 0),
    coalesce((SELECT max(id) FROM conversations), 0), coalesce((SELECT max(id) FROM entries), 0))

-- name: agents
SELECT id, name, role, teams, presence, revoked_at, state, until, presence_since, assigned_at,
    capacity, topics, languages, vip
FROM agents ORDER BY id

-- name: numbers
SELECT id, name, phone, team, claimed, paused FROM numbers ORDER BY id

-- name: tokens
SELECT id, agent, digest, created_at, revoked_at FROM tokens ORDER BY created_at, id

-- name: loads
-- What everybody holds open, and how much of it waits for us.
SELECT assignee, number, count(*), sum(waiting_since IS NOT NULL)
FROM conversations
WHERE status = 'open' AND status <> 'resolved' AND assignee IS NOT NULL
GROUP BY assignee, number

-- name: pool
-- Unowned open work after a place in the queue, most pressing first, with its customers.
SELECT c.*,
    m.id, m.created_at, m.name, m.username, m.phone, m.user_id, m.language, m.vip, m.tags,
    m.merged_into, m.same_as, m.number_reused, m.manager, m.manager_backup, m.opted_out,
    m.rating_asked_at, m.served_by, m.served_at
FROM conversations AS p
JOIN conversations_now AS c ON c.id = p.id
LEFT JOIN customers AS own ON own.id = c.customer
LEFT JOIN customers AS m ON m.id = coalesce(own.merged_into, own.id)
WHERE p.status = 'open' AND p.assignee IS NULL AND (p.sort_key, p.id) > (:sort_key, :id)
ORDER BY p.sort_key, p.id LIMIT :limit

-- name: held
-- What some agents hold: all that is unresolved.
SELECT c.id, c.assignee
FROM json_each(:agents) AS k
JOIN conversations AS c ON c.assignee = k.value
WHERE c.status <> 'resolved'

-- name: due_alarms
-- Those of one moment, such as our opening, ring in the order of the queue.
SELECT a.conversation, a.reason, a.due
FROM alarms AS a
LEFT JOIN conversations AS c ON c.id = a.conversation
WHERE a.due <= :now
ORDER BY a.due, c.sort_key, a.conversation LIMIT :limit

-- name: keep_bulk*!
INSERT INTO bulks (
    id, agent, role, at, command, conversations, place, changed, why, undoing, done)
VALUES (
    :id, :agent, :role, :at, :command, :conversations, :place, :changed, :why, :undoing, :done)
ON CONFLICT (id) DO UPDATE SET
    agent = :agent, role = :role, place = :place, changed = :changed, why = :why,
    undoing = :undoing, done = :done

-- name: bulks
SELECT id, agent, role, at, command, conversations, place, changed, why, undoing, done
FROM bulks WHERE at >= :since OR done = 0 ORDER BY at

-- name: forget_bulks
DELETE FROM bulks WHERE id IN (
    SELECT id FROM bulks WHERE at < :before AND done = 1 LIMIT :limit) RETURNING 1

-- name: owed
SELECT kind, key, due, number, lane, body, tries FROM outbox WHERE due <= :now ORDER BY id LIMIT :limit

-- name: pages
SELECT conversation, since, page, channel, agent, state, at, wamid FROM pages
WHERE conversation = :conversation AND since = :since AND page = :page

-- name: pages_of
SELECT conversation, since, page, channel, agent, state, at, wamid FROM pages
WHERE agent = :agent ORDER BY at DESC, page DESC LIMIT :limit

-- name: covers
SELECT starts, ends, holder FROM covers ORDER BY id

-- name: duties
SELECT whom, starts, ends, hours FROM duties ORDER BY id

-- name: turns
SELECT holders, begins FROM turns ORDER BY id DESC LIMIT 1

-- name: teams
SELECT name FROM teams ORDER BY name

-- name: unfinished_attempts
SELECT sid, n, state, boot, at, wamid, error FROM attempts
WHERE state = 'sending' AND boot <> :boot ORDER BY at, sid

-- ---- what screens read ------------------------------------------------------------------------

-- name: position
-- Where the stream stood, and the numbers that nobody configured: kept, and shown to nobody.
SELECT coalesce((SELECT value FROM counters WHERE name = 'seq'), 0),
    (SELECT json_group_array(id) FROM numbers WHERE claimed = 0)

-- name: cards
SELECT c.*, t.peer_group,
    m.id, m.created_at, m.name, m.username, m.phone, m.user_id, m.language, m.vip, m.tags,
    m.merged_into, m.same_as, m.number_reused, m.manager, m.manager_backup, m.opted_out,
    m.rating_asked_at, m.served_by, m.served_at
FROM json_each(:ids) AS k
JOIN conversations_now AS c ON c.id = k.value
JOIN threads AS t ON t.id = c.thread
LEFT JOIN customers AS own ON own.id = c.customer
LEFT JOIN customers AS m ON m.id = coalesce(own.merged_into, own.id)
ORDER BY k.key

-- name: clocks_of_conversation
SELECT clocks FROM conversations WHERE id = :conversation

-- name: conversation_of_ref
SELECT id FROM conversations
WHERE ref = :ref AND number NOT IN (SELECT id FROM numbers WHERE claimed = 0)

-- name: cases_of_thread
SELECT c.id, c.ref, c.number, c.status, c.opened_at, c.resolved_at, c.resolver, c.assignee, c.outcome
FROM conversations AS c WHERE c.thread = :thread ORDER BY c.id DESC LIMIT :limit

-- name: cases_of_customer
-- Every case of a person, whichever of their merged selves it began with.
SELECT c.id, c.ref, c.number, c.status, c.opened_at, c.resolved_at, c.resolver, c.assignee, c.outcome
FROM conversations AS c
WHERE c.thread IN (
    SELECT t.id FROM threads AS t WHERE t.customer IN (
        SELECT id FROM customers WHERE id = :customer OR merged_into = :customer))
    AND c.number NOT IN (SELECT id FROM numbers WHERE claimed = 0)
ORDER BY c.opened_at DESC, c.id DESC LIMIT :limit

-- name: entries_before
SELECT e.id, e.thread, e.conversation, e.number, e.direction, e.content, e.at, e.arrived_at,
    e.wamid, e.sid, e.customer, e.author, e.delivery, e.delivery_at, e.attempt, e.failure,
    e.then_status, e.cleared, e.leaves_at, e.twice, e.order_unsure, e.quote, e.quote_wamid,
    e.forwarded, e.referral, e.reactions, e.edited_at, e.edit_wamid, e.original, e.revoked_at,
    e.media, e.auto
FROM entries AS e
WHERE e.thread = :thread AND (e.at, e.id) < (:at, :id)
ORDER BY e.at DESC, e.id DESC LIMIT :limit

-- name: entry_ahead
-- The newest entry of a page that has `ahead` entries after this one.
SELECT e.at, e.id FROM entries AS e
WHERE e.thread = :thread AND (e.at, e.id) >= (SELECT a.at, a.id FROM entries AS a WHERE a.id = :id)
ORDER BY e.at, e.id LIMIT 1 OFFSET :ahead

-- name: notes
SELECT e.id, e.thread, e.conversation, e.number, e.direction, e.content, e.at, e.arrived_at,
    e.wamid, e.sid, e.customer, e.author, e.delivery, e.delivery_at, e.attempt, e.failure,
    e.then_status, e.cleared, e.leaves_at, e.twice, e.order_unsure, e.quote, e.quote_wamid,
    e.forwarded, e.referral, e.reactions, e.edited_at, e.edit_wamid, e.original, e.revoked_at,
    e.media, e.auto
FROM entries AS e WHERE e.thread = :thread AND e.direction = 'note'
ORDER BY e.at DESC, e.id DESC LIMIT :limit

-- name: lines_of_thread
SELECT h.id, h.conversation, h.at, h.actor, h.kind, h.data
FROM json_each(:conversations) AS k
JOIN history AS h ON h.conversation = k.value AND h.at >= :since AND h.at < :until
WHERE h.kind NOT IN (SELECT value FROM json_each(:quiet))
ORDER BY h.at DESC, h.id DESC LIMIT :limit

-- name: lines_of_conversation
SELECT h.id, h.conversation, h.at, h.actor, h.kind, h.data
FROM history AS h WHERE h.conversation = :conversation ORDER BY h.at, h.id

-- name: agent_names
SELECT id, name FROM agents

-- name: customer_names
SELECT c.id, c.name FROM json_each(:keys) AS k JOIN customers AS c ON c.id = k.value

-- name: refs_of
SELECT c.id, c.ref FROM json_each(:keys) AS k JOIN conversations AS c ON c.id = k.value

-- name: message_hits
-- Newest first by id: ranking by relevance would read every hit of a common word.
SELECT s.rowid, e.conversation
FROM search AS s JOIN entries AS e ON e.id = s.rowid
WHERE s.search MATCH :query AND s.rowid < :below
ORDER BY s.rowid DESC LIMIT :limit

-- name: people_hits
SELECT c.id
FROM (SELECT rowid AS id FROM people WHERE people MATCH :query ORDER BY rowid DESC LIMIT :limit) AS p
JOIN customers AS own ON own.id = p.id
JOIN threads AS t ON t.customer = coalesce(own.merged_into, own.id)
JOIN conversations AS c ON c.thread = t.id
ORDER BY c.id DESC LIMIT :limit

-- name: facets
SELECT number, team, assignee, status,
    CASE WHEN instr(flags, ' window_shuts ') > 0 THEN ' window_shuts ' ELSE '' END,
    'normal', '', '', (sort_key >> 60) << 60, mentions, count(*)
FROM conversations
GROUP BY number, team, assignee, status, 5, sort_key >> 60, mentions

-- name: events_after
SELECT seq, at, kind, conversation, body FROM events WHERE seq > :after ORDER BY seq LIMIT :limit

-- name: oldest_seq
SELECT coalesce((SELECT min(seq) FROM events),
    (SELECT value + 1 FROM counters WHERE name = 'seq'), 1)

-- name: unsupported
-- Messages that could not be shown when they came.
SELECT number, wamid FROM entries
WHERE wamid IS NOT NULL AND json_extract(content, '$.kind') = 'unsupported'

-- name: quarantined
SELECT journal, path, reason, at FROM quarantine ORDER BY id DESC LIMIT :limit

-- name: gauges
SELECT
    (SELECT count(*) FROM quarantine),
    (SELECT count(*) FROM parked),
    (SELECT count(*) FROM outbox),
    (SELECT count(*) FROM outbox WHERE kind = 'send'),
    (SELECT count(*) FROM attempts WHERE state = 'sending'),
    (SELECT coalesce(sum(unconfirmed), 0) FROM conversations
        WHERE status <> 'resolved' AND flags <> ''),
    (SELECT coalesce(sum(undelivered), 0) FROM conversations
        WHERE status <> 'resolved' AND flags <> ''),
    (SELECT coalesce(max(seq), 0) FROM events)

-- name: replies
SELECT body FROM replies ORDER BY name

-- name: templates
SELECT account, body FROM templates ORDER BY account, name, language

-- name: cost_of_conversation
-- Messages that arrived and have a price: what WhatsApp does not deliver costs nothing.
SELECT e.price_category, e.price_billing, count(*)
FROM entries AS e
WHERE e.thread = :thread AND e.conversation = :conversation AND e.price_category IS NOT NULL
    AND e.delivery IN ('delivered', 'read', 'played')
GROUP BY e.price_category, e.price_billing

-- name: cost_between
SELECT e.number, e.author, e.price_category, e.price_billing, count(*)
FROM entries AS e
WHERE e.at >= :since AND e.at < :until AND e.price_category IS NOT NULL
    AND e.delivery IN ('delivered', 'read', 'played')
GROUP BY e.number, e.author, e.price_category, e.price_billing

-- ---- letting go -------------------------------------------------------------------------------

-- name: forget_events
DELETE FROM events WHERE seq IN (
    SELECT seq FROM (SELECT seq, at FROM events ORDER BY seq LIMIT :limit) WHERE at < :before)
RETURNING seq

-- name: forget_parked
-- What waited for a message that never came.
DELETE FROM parked WHERE id IN (
    SELECT id FROM (SELECT id, at FROM parked ORDER BY id LIMIT :limit) WHERE at < :before)
RETURNING id

-- name: forget_results
DELETE FROM results WHERE command_id IN (
    SELECT command_id FROM results WHERE at < :before LIMIT :limit)
RETURNING command_id

-- name: forget_subjects
DELETE FROM journal_subjects WHERE journal IN (
    SELECT DISTINCT journal FROM journal_subjects WHERE journal < :before ORDER BY journal
    LIMIT :limit)
RETURNING journal

-- ---- proving ----------------------------------------------------------------------------------

-- name: audit_after
SELECT id, at, actor, act, subject, data, prev, hash FROM audit
WHERE id > :after ORDER BY id LIMIT :limit

-- name: two_unresolved
SELECT thread FROM conversations WHERE status <> 'resolved' GROUP BY thread HAVING count(*) > 1

-- name: lost_conversations
SELECT c.ref FROM conversations AS c LEFT JOIN threads AS t ON t.id = c.thread WHERE t.id IS NULL

-- name: lost_entries
SELECT e.id FROM entries AS e LEFT JOIN conversations AS c ON c.id = e.conversation
WHERE c.id IS NULL

-- name: lost_tags
SELECT t.tag FROM conversation_tags AS t LEFT JOIN conversations AS c ON c.id = t.conversation
WHERE c.id IS NULL OR instr(c.tags, ' ' || t.tag || ' ') = 0

-- name: ref_behind
SELECT max(ref) FROM conversations
HAVING max(ref) > coalesce((SELECT value FROM counters WHERE name = 'ref'), 0)

-- name: seq_behind
SELECT max(seq) FROM events
HAVING max(seq) > coalesce((SELECT value FROM counters WHERE name = 'seq'), 0)

-- name: media_manifest
-- The files of messages and of canned replies.
SELECT DISTINCT media_digest FROM entries WHERE media_digest IS NOT NULL
UNION SELECT body ->> '$.attachment.digest' FROM replies WHERE body ->> '$.attachment' IS NOT NULL
ORDER BY 1
