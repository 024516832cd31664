-- The one form of a mailbox that has several addresses; the same rules as pipeline/verdicts/canonical.py, whose lists these are
-- (a test holds them together). One plain expression, so that PostgreSQL writes it into the statement that asks.
create function mkt.mailbox(email text)
    returns text
    language sql immutable parallel safe
    as $$ select case
        when split_part(email, '@', 2) in ('gmail.com', 'googlemail.com')
            then coalesce(nullif(replace(split_part(split_part(email, '@', 1), '+', 1), '.', ''), ''), replace(split_part(email, '@', 1), '.', '')) || '@gmail.com'
        when split_part(email, '@', 2) in ('me.com', 'mac.com', 'icloud.com')
            then coalesce(nullif(split_part(split_part(email, '@', 1), '+', 1), ''), split_part(email, '@', 1)) || '@icloud.com'
        when split_part(email, '@', 2) = any(array[
            'fastmail.cn', 'fastmail.co.uk', 'fastmail.com', 'fastmail.com.au', 'fastmail.de', 'fastmail.es',
            'fastmail.fm', 'fastmail.in', 'fastmail.jp', 'fastmail.mx', 'fastmail.net', 'fastmail.nl', 'fastmail.org',
            'fastmail.se', 'fastmail.to', 'fastmail.tw', 'fastmail.uk', 'fastmail.us', 'gmail.com', 'hotmail.be',
            'hotmail.ca', 'hotmail.ch', 'hotmail.cl', 'hotmail.co.uk', 'hotmail.com', 'hotmail.com.ar',
            'hotmail.com.br', 'hotmail.de', 'hotmail.es', 'hotmail.fr', 'hotmail.it', 'hotmail.nl', 'hotmail.se',
            'icloud.com', 'live.be', 'live.ca', 'live.cl', 'live.co.uk', 'live.com', 'live.com.ar', 'live.com.br',
            'live.com.mx', 'live.com.pt', 'live.de', 'live.fr', 'live.it', 'live.nl', 'msn.com', 'outlook.be',
            'outlook.cl', 'outlook.co.id', 'outlook.co.uk', 'outlook.com', 'outlook.com.ar', 'outlook.com.br',
            'outlook.de', 'outlook.es', 'outlook.fr', 'outlook.it', 'outlook.jp', 'outlook.pt', 'passport.com', 'pm.me',
            'proton.me', 'protonmail.ch', 'protonmail.com', 'windowslive.com', 'ya.ru', 'yandex.by', 'yandex.com',
            'yandex.com.tr', 'yandex.kz', 'yandex.ru', 'yandex.ua', 'zoho.com', 'zoho.eu', 'zoho.in', 'zohomail.com',
            'zohomail.eu', 'zohomail.in'])
            then coalesce(nullif(split_part(split_part(email, '@', 1), '+', 1), ''), split_part(email, '@', 1)) || '@' || split_part(email, '@', 2)
        else email end collate "C" $$;
grant execute on function mkt.mailbox(text) to mkt_worker, mkt_reader;
