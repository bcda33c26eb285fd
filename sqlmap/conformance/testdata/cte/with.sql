CREATE TABLE emp (id INT PRIMARY KEY, boss INT, name VARCHAR(10), pay INT);
INSERT INTO emp VALUES (1,NULL,'ann',100),(2,1,'bob',80),(3,1,'cat',90),(4,2,'dan',50),(5,2,'eve',55),(6,4,'fay',30),(7,NULL,'guy',10);
WITH t AS (SELECT 1 a) SELECT * FROM t;
WITH t (x, y) AS (SELECT 1, 2) SELECT y, x FROM t;
WITH rich AS (SELECT * FROM emp WHERE pay > 60) SELECT name FROM rich ORDER BY name;
WITH rich AS (SELECT * FROM emp WHERE pay > 60), n AS (SELECT COUNT(*) c FROM rich) SELECT c FROM n;
WITH t AS (SELECT id, pay FROM emp) SELECT a.id, b.id FROM t a JOIN t b ON a.pay + 10 = b.pay ORDER BY 1;
WITH t AS (SELECT boss, SUM(pay) s FROM emp GROUP BY boss) SELECT e.name, t.s FROM emp e LEFT JOIN t ON t.boss = e.id ORDER BY e.id;
WITH t AS (SELECT 1 a) SELECT (SELECT a FROM t) + 1;
SELECT * FROM (WITH t AS (SELECT 2 b) SELECT b FROM t) d;
SELECT name FROM emp WHERE id IN (WITH t AS (SELECT boss FROM emp) SELECT boss FROM t) ORDER BY id;
WITH RECURSIVE n AS (SELECT 1 i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n ORDER BY i;
WITH RECURSIVE n (i, f) AS (SELECT 1, 1 UNION ALL SELECT i + 1, f * (i + 1) FROM n WHERE i < 8) SELECT * FROM n ORDER BY i;
WITH RECURSIVE tree AS (SELECT id, name, 0 lvl FROM emp WHERE boss IS NULL UNION ALL SELECT e.id, e.name, t.lvl + 1 FROM emp e JOIN tree t ON e.boss = t.id) SELECT name, lvl FROM tree ORDER BY lvl, name;
WITH RECURSIVE up AS (SELECT id, boss FROM emp WHERE id = 6 UNION SELECT e.id, e.boss FROM emp e JOIN up ON up.boss = e.id) SELECT id FROM up ORDER BY id;
WITH RECURSIVE c AS (SELECT 1 x UNION SELECT (x * 3) % 7 FROM c) SELECT x FROM c ORDER BY x;
WITH RECURSIVE p (id, path) AS (SELECT id, CAST(name AS CHAR(100)) FROM emp WHERE boss IS NULL UNION ALL SELECT e.id, CONCAT(p.path, '/', e.name) FROM emp e JOIN p ON e.boss = p.id) SELECT path FROM p ORDER BY path;
WITH RECURSIVE n AS (SELECT 1 i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT SUM(i), COUNT(*) FROM n;
-- @mysql a common table expression that nothing refers to is not resolved
-- = 1
-- | 1
WITH t AS (SELECT * FROM nope) SELECT 1;
-- @mysql the number of the error
-- error 1066
WITH t AS (SELECT 1 a), t AS (SELECT 2 a) SELECT * FROM t;
-- @mysql the number of the error
-- error 1353
WITH t (a, b) AS (SELECT 1) SELECT * FROM t;
WITH a AS (SELECT 1 x), b AS (SELECT x + 1 y FROM a) SELECT x, y FROM a, b;
WITH emp AS (SELECT 'shadow' name) SELECT name FROM emp;
WITH t AS (SELECT id FROM emp ORDER BY pay DESC LIMIT 2) SELECT id FROM t ORDER BY id;
WITH t AS (SELECT 1 a UNION SELECT 2) SELECT * FROM t UNION ALL SELECT 3 ORDER BY 1;
CREATE TABLE out1 (id INT, lvl INT);
INSERT INTO out1 WITH RECURSIVE tree AS (SELECT id, 0 lvl FROM emp WHERE boss IS NULL UNION ALL SELECT e.id, t.lvl + 1 FROM emp e JOIN tree t ON e.boss = t.id) SELECT * FROM tree;
SELECT lvl, COUNT(*) FROM out1 GROUP BY lvl ORDER BY lvl;
CREATE VIEW v AS WITH t AS (SELECT boss, COUNT(*) n FROM emp GROUP BY boss) SELECT boss, n FROM t;
SELECT * FROM v ORDER BY boss;
