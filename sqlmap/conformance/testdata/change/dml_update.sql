-- UPDATE of one and of several tables.
CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL DEFAULT 4, b VARCHAR(10), k INT, KEY (k));
INSERT INTO t VALUES (1, 1, 'x', 10), (2, 2, 'y', 20), (3, 3, NULL, 30), (4, 4, 'z', 40);
UPDATE t SET a = a + 1;
UPDATE t SET a = a;
UPDATE t SET a = 100, k = a WHERE id = 1;
UPDATE t SET b = 'X' WHERE b = 'x';
UPDATE t SET a = NULL WHERE id = 2;
UPDATE t SET a = DEFAULT, b = DEFAULT WHERE id = 2;
UPDATE t SET a = a + 1 ORDER BY id DESC LIMIT 2;
UPDATE t SET id = id + 1 ORDER BY id DESC;
UPDATE t SET id = id + 1;
UPDATE t SET id = id - 1;
UPDATE t SET id = 2 WHERE id = 1;
UPDATE t SET nope = 1;
UPDATE t SET a = nope;
UPDATE t SET a = 'abc' WHERE id = 1;
UPDATE t SET b = 'toolongvalue!' WHERE id = 1;
UPDATE t SET a = 1 WHERE b = 5;
UPDATE t SET k = k + 1 WHERE k > 10;
UPDATE t AS u SET u.a = 9 WHERE u.id = 1;
UPDATE t SET a = (SELECT n FROM (SELECT count(*) AS n FROM t) x);
SELECT * FROM t ORDER BY id;
CREATE TABLE o (id INT PRIMARY KEY, tid INT, v INT);
INSERT INTO o VALUES (1, 1, 5), (2, 1, 6), (3, 2, 7), (4, 9, 8);
UPDATE t JOIN o ON o.tid = t.id SET t.a = o.v, o.v = t.k WHERE o.id <> 2;
SELECT id, a, k FROM t ORDER BY id;
SELECT * FROM o ORDER BY id;
UPDATE t LEFT JOIN o ON o.tid = t.id SET t.b = 'none', o.v = 0 WHERE o.id IS NULL;
UPDATE t, o SET o.v = t.a + o.id WHERE o.tid = t.id;
UPDATE t a JOIN t b ON a.id = b.id + 1 SET a.k = b.a;
-- @mysql it refuses LIMIT here
-- error 1221
UPDATE t JOIN o ON o.tid = t.id SET t.a = t.a LIMIT 1;
UPDATE t SET a = (SELECT max(v) FROM o WHERE o.tid = t.id) WHERE id = 1;
UPDATE t SET a = (SELECT max(v) FROM o WHERE o.tid = t.id) WHERE id = 4;
SELECT id, a, b, k FROM t ORDER BY id;
SELECT * FROM o ORDER BY id;
UPDATE o SET v = v + 1 WHERE tid IN (SELECT id FROM t) ORDER BY id LIMIT 1;
UPDATE o SET v = v * 2 WHERE EXISTS (SELECT 1 FROM t WHERE t.id = o.tid AND t.id = 2);
SELECT * FROM o ORDER BY id;
UPDATE (SELECT 1 AS x) d SET x = 2;
UPDATE t SET a = 5 WHERE id = 1 AND a = 5;
UPDATE t SET a = 2147483647 WHERE id = 1;
UPDATE t SET a = a + 1 WHERE id = 1;
UPDATE IGNORE t SET a = a + 1 WHERE id = 1;
SELECT a FROM t WHERE id = 1;
SELECT ROW_COUNT();
CREATE TABLE big0 (a INT);
-- @mysql the table that changes may not be read in a subquery
-- error 1093
UPDATE big0 SET a = (SELECT count(*) FROM big0);
-- @mysql the table that changes may not be read in a subquery
-- error 1093
DELETE FROM big0 WHERE a = (SELECT count(*) FROM big0);
CREATE TABLE big (id INT PRIMARY KEY, n INT, KEY (n));
INSERT INTO big WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT i, i FROM s;
UPDATE big SET n = n + 10 WHERE n > 5;
SELECT count(*), sum(n), min(n), max(n) FROM big;
UPDATE big SET id = id + 1000 WHERE id > 10;
SELECT count(*), sum(id) FROM big;
UPDATE big SET n = 0 WHERE id BETWEEN 1 AND 5 OR id = 1500;
SELECT count(*) FROM big WHERE n = 0;
INSERT INTO big SELECT id + 5000, n FROM big;
SELECT count(*) FROM big;
