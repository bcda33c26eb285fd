CREATE TABLE t (id INT PRIMARY KEY);
CREATE TABLE t (id INT);
CREATE TABLE IF NOT EXISTS t (x INT);
-- @mysql integers have no display width
-- = Field	Type	Null	Key	Default	Extra
-- | id	int	NO	PRI	\N	
DESCRIBE t;
CREATE TABLE c (id INT NOT NULL AUTO_INCREMENT, a VARCHAR(20) DEFAULT 'x', b DECIMAL(10,2) UNSIGNED NULL, e ENUM('a','b') NOT NULL DEFAULT 'b', d DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3), txt TEXT, PRIMARY KEY (id), UNIQUE KEY ua (a), KEY be (b, e));
-- @mysql integers have no display width
-- = Field	Type	Null	Key	Default	Extra
-- | id	int	NO	PRI	\N	auto_increment
-- | a	varchar(20)	YES	UNI	x	
-- | txt	text	YES		\N	
SHOW COLUMNS FROM c WHERE Field IN ('id', 'a', 'txt');
SELECT column_name, ordinal_position, is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale, column_key FROM information_schema.columns WHERE table_schema = 'test' AND table_name = 'c' AND column_name IN ('a', 'b', 'txt') ORDER BY ordinal_position;
CREATE TABLE bad (id INT, id INT);
CREATE TABLE bad (a INT, KEY (nope));
CREATE TABLE bad (a INT PRIMARY KEY, b INT PRIMARY KEY);
CREATE TABLE bad (a INT, KEY k (a), KEY k (a));
CREATE TABLE bad (a INT DEFAULT 'abc');
CREATE TABLE bad (a VARCHAR(5) DEFAULT 'too long');
CREATE TABLE bad (a INT NOT NULL DEFAULT NULL);
CREATE TABLE bad (a DECIMAL(5,6));
CREATE TABLE bad (a DECIMAL(66,2));
CREATE TABLE bad (a VARCHAR(70000));
CREATE TABLE bad (a CHAR(256));
CREATE TABLE bad (a DATETIME(7));
CREATE TABLE bad (a ENUM('x','x'));
CREATE TABLE bad (a TEXT PRIMARY KEY);
CREATE TABLE bad ();
-- @mysql an unknown type is a syntax error
-- error 1064
CREATE TABLE bad (a NOSUCHTYPE);
CREATE TABLE nodb.bad (a INT);
CREATE TABLE l LIKE c;
INSERT INTO l (b, e) VALUES (1, 'a');
SELECT id, a, b, e FROM l;
CREATE TABLE s AS SELECT id, a, b * 2 AS b2, 'lit' AS lit, NULL AS n FROM l;
-- @mysql integers have no display width
-- = Field	Type	Null	Key	Default	Extra
-- | id	int	NO		0	
-- | a	varchar(20)	YES		x	
-- | b2	decimal(11,2)	YES		\N	
-- | lit	varchar(3)	NO		\N	
-- | n	binary(0)	YES		\N	
DESCRIBE s;
CREATE TABLE s2 (id INT PRIMARY KEY, extra INT DEFAULT 7) SELECT id, a FROM l;
SELECT * FROM s2;
CREATE TABLE s3 (PRIMARY KEY (id)) SELECT 1 AS id UNION ALL SELECT 1;
SELECT * FROM s3;
CREATE TEMPORARY TABLE tmp (a INT);
INSERT INTO tmp VALUES (1), (2);
SELECT SUM(a) FROM tmp;
CREATE TEMPORARY TABLE t (shadow INT);
SELECT * FROM t;
DROP TABLE t;
SELECT * FROM t;
DROP TEMPORARY TABLE tmp;
DROP TABLE nope;
DROP TABLE IF EXISTS nope;
DROP TABLE t, nope;
-- @mysql DROP TABLE drops all tables or none
-- = id
SELECT * FROM t;
DROP TABLE l, s;
RENAME TABLE c TO c2;
SELECT COUNT(*) FROM c;
RENAME TABLE c2 TO c, s2 TO s4;
RENAME TABLE c TO s4;
RENAME TABLE nope TO nope2;
-- @mysql DROP TABLE drops all tables or none
-- = Tables_in_test
-- | c
-- | s4
-- | t
SHOW TABLES;
CREATE INDEX ix ON c (b);
CREATE INDEX ix ON c (a);
CREATE UNIQUE INDEX ux ON c (e, b);
DROP INDEX ix ON c;
DROP INDEX ix ON c;
CREATE DATABASE other;
CREATE DATABASE other;
-- @mysql the affected rows
-- ok 1
CREATE DATABASE IF NOT EXISTS other;
CREATE TABLE other.x (a INT);
INSERT INTO other.x VALUES (1);
SELECT x.a, other.x.a FROM other.x;
USE other;
SELECT * FROM x;
SELECT DATABASE();
USE test;
USE nodb;
DROP DATABASE other;
DROP DATABASE other;
-- @mysql the number of the error
-- error 1049
SELECT * FROM other.x;
CREATE VIEW v AS SELECT id, b FROM c;
CREATE VIEW v AS SELECT 1;
CREATE OR REPLACE VIEW v (x, y) AS SELECT id, b FROM c WHERE b > 1;
INSERT INTO c (a, b, e) VALUES ('p', 1, 'a'), ('q', 2, 'b'), ('r', 3, 'a');
SELECT * FROM v ORDER BY x;
SELECT y, COUNT(*) FROM v GROUP BY y ORDER BY y;
SELECT v.y, c.a FROM v JOIN c ON c.id = v.x ORDER BY 1;
CREATE VIEW v2 AS SELECT x * 10 AS t FROM v;
SELECT * FROM v2 ORDER BY t;
CREATE VIEW va AS SELECT e, SUM(b) s FROM c GROUP BY e;
SELECT * FROM va WHERE s > 2 ORDER BY e;
CREATE VIEW vu AS SELECT 1 AS n UNION SELECT 2;
SELECT * FROM vu ORDER BY n;
ALTER VIEW vu AS SELECT 3 AS n;
SELECT * FROM vu;
DROP VIEW v;
SELECT * FROM v2;
-- @mysql the number of the error
-- error 1051
DROP VIEW v;
DROP VIEW IF EXISTS v;
-- @mysql the number of the error
-- error 1051
DROP TABLE va;
-- @mysql the number of the error
-- error 1347
DROP VIEW c;
CREATE VIEW vb AS SELECT * FROM nope;
CREATE VIEW vc (a) AS SELECT 1, 2;
CREATE VIEW vd AS SELECT 1 AS a, 2 AS a;
SELECT table_name FROM information_schema.views WHERE table_schema = 'test' ORDER BY table_name;
