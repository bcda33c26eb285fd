-- Defaults, generated columns and CHECKs in writes.
CREATE TABLE g (id INT PRIMARY KEY, w INT, h INT, area INT AS (w * h) STORED, label VARCHAR(20) AS (concat(w, 'x', h)) VIRTUAL, KEY (area));
INSERT INTO g (id, w, h) VALUES (1, 2, 3), (2, 4, NULL);
INSERT INTO g VALUES (3, 5, 6, DEFAULT, DEFAULT);
-- @mysql its number is 3105
-- error 3105
INSERT INTO g VALUES (4, 5, 6, 30, DEFAULT);
-- @mysql its number is 3105
-- error 3105
INSERT INTO g (id, area) VALUES (4, 1);
UPDATE g SET w = 10 WHERE id = 1;
-- @mysql its number is 3105
-- error 3105
UPDATE g SET area = 5 WHERE id = 1;
UPDATE g SET area = DEFAULT, h = 7 WHERE id = 1;
UPDATE g SET h = 2 WHERE area = 30;
INSERT INTO g (id, w, h) VALUES (1, 1, 1) ON DUPLICATE KEY UPDATE w = 8;
REPLACE INTO g (id, w, h) VALUES (2, 9, 9);
SELECT * FROM g ORDER BY id;
INSERT INTO g (id, w, h) VALUES (9, 2000000, 2000000);
CREATE TABLE c (a INT CHECK (a > 0), b INT, CONSTRAINT ab CHECK (a < b));
INSERT INTO c VALUES (1, 2);
-- @mysql its number is 3819
-- error 3819
INSERT INTO c VALUES (0, 2);
-- @mysql its number is 3819
-- error 3819
INSERT INTO c VALUES (3, 2);
INSERT INTO c VALUES (NULL, 2), (5, NULL);
-- @mysql its number is 3819
-- error 3819
UPDATE c SET b = 1 WHERE a = 1;
-- @mysql its number is 3819
-- error 3819
UPDATE c SET a = a - 1;
INSERT IGNORE INTO c VALUES (-1, 1), (7, 8);
SELECT * FROM c;
CREATE TABLE d (id INT PRIMARY KEY, a INT, b INT DEFAULT (a + 1), c VARCHAR(40) DEFAULT (concat('v', id)), e INT DEFAULT (1 + 2));
INSERT INTO d (id, a) VALUES (1, 10), (2, NULL);
INSERT INTO d (id, a, b) VALUES (3, 5, DEFAULT);
INSERT INTO d (id) VALUES (4);
UPDATE d SET b = DEFAULT WHERE id = 4;
SELECT * FROM d ORDER BY id;
CREATE TABLE s (id INT PRIMARY KEY, v INT, at DATETIME DEFAULT '2000-01-01' ON UPDATE CURRENT_TIMESTAMP);
INSERT INTO s (id, v) VALUES (1, 1), (2, 2);
UPDATE s SET v = 1;
SELECT id, at > '2020-01-01' FROM s ORDER BY id;
UPDATE s SET v = 3, at = '2010-01-01' WHERE id = 2;
SELECT id, v, at FROM s WHERE id = 2;
INSERT INTO s (id, v) VALUES (1, 9) ON DUPLICATE KEY UPDATE v = 9;
SELECT id, at > '2020-01-01' FROM s ORDER BY id;
