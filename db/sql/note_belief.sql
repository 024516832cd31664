-- What the canaries said now. `since` moves when the answer becomes the opposite; the old row tells the one caller who changed it.
insert into mkt.resolvers as r (server, believed, reason, detail, asked_at, since)
values (:server, :believed, :reason, :detail, clock_timestamp(), clock_timestamp())
on conflict (server) do update
set believed = excluded.believed, reason = excluded.reason, detail = excluded.detail, asked_at = excluded.asked_at,
    since = case when r.believed = excluded.believed then r.since else excluded.since end
returning coalesce(old.believed, true) <> new.believed as changed,
          coalesce(old.believed, true), coalesce(old.reason, 'ok'), coalesce(old.detail, ''), coalesce(old.since, new.since),
          extract(epoch from new.asked_at - old.asked_at)::float8
