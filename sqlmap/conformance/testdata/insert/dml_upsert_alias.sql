-- The row alias of MySQL 8, which MariaDB lacks.
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT);
INSERT INTO t VALUES (1, 1, 1);
-- @mysql row aliases
-- ok 2
INSERT INTO t VALUES (1, 5, 6) AS new ON DUPLICATE KEY UPDATE a = new.a + t.a, b = new.b;
-- @mysql row aliases
-- ok 2
INSERT INTO t (id, a, b) VALUES (1, 5, 6) AS new (x, y, z) ON DUPLICATE KEY UPDATE a = y + z, b = x;
-- @mysql row aliases
-- ok 2
INSERT INTO t SET id = 1, a = 3 AS n ON DUPLICATE KEY UPDATE a = n.a * 100;
-- @mysql row aliases
-- error 1066
INSERT INTO t VALUES (1, 5, 6) AS t ON DUPLICATE KEY UPDATE a = 1;
-- @mysql row aliases
-- = id	a	b
-- | 1	300	1
SELECT * FROM t;
