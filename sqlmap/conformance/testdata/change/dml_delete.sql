-- DELETE of one and of several tables, referential actions within one statement.
CREATE TABLE t (id INT PRIMARY KEY, a INT, KEY (a));
INSERT INTO t VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6);
DELETE FROM t WHERE id = 3;
DELETE FROM t WHERE id = 3;
DELETE FROM t ORDER BY a DESC LIMIT 1;
DELETE FROM t WHERE a > 1 AND a < 3;
DELETE FROM t WHERE a = (SELECT m FROM (SELECT max(a) AS m FROM t) x);
DELETE FROM t WHERE nope = 1;
-- @ordered
SELECT * FROM t ORDER BY id;
CREATE TABLE o (id INT PRIMARY KEY, tid INT);
INSERT INTO o VALUES (1, 1), (2, 1), (3, 4), (4, 8);
DELETE t FROM t JOIN o ON o.tid = t.id WHERE o.id = 3;
DELETE t, o FROM t JOIN o ON o.tid = t.id;
SELECT * FROM t;
SELECT * FROM o ORDER BY id;
DELETE FROM o USING o LEFT JOIN t ON t.id = o.tid WHERE t.id IS NULL AND o.id = 4;
DELETE x FROM o;
SELECT * FROM o ORDER BY id;
CREATE TABLE tree (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES tree (id) ON DELETE CASCADE);
INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 1), (5, NULL), (6, 5);
DELETE FROM tree WHERE id = 2;
SELECT id FROM tree ORDER BY id;
DELETE FROM tree WHERE id IN (1, 4, 6) ORDER BY id;
SELECT id FROM tree ORDER BY id;
DELETE FROM tree;
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id));
INSERT INTO p VALUES (1), (2);
INSERT INTO c VALUES (10, 1), (11, 1), (12, 2);
DELETE FROM p WHERE id = 1;
DELETE FROM c;
DELETE FROM p;
INSERT INTO p VALUES (1), (2);
INSERT INTO c VALUES (10, 1), (11, 1), (12, 2);
-- @mysql whether the children go first is the optimizer's affair there; here they do
-- ok 5
DELETE c, p FROM p JOIN c ON c.pid = p.id;
DROP TABLE c, p;
CREATE TABLE big (id INT PRIMARY KEY, n INT, KEY (n));
INSERT INTO big WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT i, i % 7 FROM s;
DELETE FROM big WHERE n = 3;
DELETE FROM big WHERE id > 500 LIMIT 100;
SELECT count(*), sum(n) FROM big;
DELETE FROM big;
SELECT count(*) FROM big;
