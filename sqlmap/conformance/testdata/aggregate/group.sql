CREATE TABLE s (id INT PRIMARY KEY, region VARCHAR(10), product VARCHAR(10), qty INT, price DECIMAL(8,2), sold DATE);
INSERT INTO s VALUES (1,'north','apple',10,1.50,'2024-01-05'),(2,'north','pear',5,2.25,'2024-01-20'),(3,'south','apple',7,1.50,'2024-02-01'),(4,'south','plum',NULL,3.00,'2024-02-14'),(5,NULL,'apple',3,NULL,'2024-03-01'),(6,'north','apple',2,1.75,NULL),(7,'south','pear',5,2.25,'2024-01-20'),(8,'east','fig',0,9.99,'2024-03-03'),(9,NULL,NULL,NULL,NULL,NULL);
SELECT COUNT(*), COUNT(qty), COUNT(DISTINCT qty), SUM(qty), AVG(qty), MIN(qty), MAX(qty) FROM s;
SELECT COUNT(*), SUM(qty), MAX(qty), AVG(price), GROUP_CONCAT(qty) FROM s WHERE id > 100;
SELECT region, COUNT(*) FROM s WHERE id > 100 GROUP BY region;
SELECT region, COUNT(*), SUM(qty), AVG(qty), MIN(price), MAX(price) FROM s GROUP BY region ORDER BY region;
SELECT region, product, SUM(qty * price) AS total FROM s GROUP BY region, product ORDER BY region, product;
SELECT region r, SUM(qty) q FROM s GROUP BY r HAVING q > 5 ORDER BY q DESC;
SELECT region, SUM(qty) FROM s GROUP BY region HAVING COUNT(*) > 1 AND SUM(qty) > 5 ORDER BY 1;
SELECT region FROM s GROUP BY region HAVING region LIKE '%th' ORDER BY region;
SELECT region FROM s GROUP BY region HAVING MAX(price) IS NULL;
SELECT UPPER(region), COUNT(*) FROM s GROUP BY UPPER(region) ORDER BY 1;
SELECT YEAR(sold) y, MONTH(sold) m, COUNT(*) FROM s GROUP BY y, m ORDER BY y, m;
SELECT qty > 4 AS big, COUNT(*) FROM s GROUP BY qty > 4 ORDER BY big;
SELECT COUNT(*) FROM s GROUP BY region ORDER BY COUNT(*) DESC, MIN(id);
SELECT region, COUNT(*) c FROM s GROUP BY region ORDER BY c DESC, region DESC LIMIT 2;
SELECT region, COUNT(*) FROM s GROUP BY 1 ORDER BY 2, 1;
SELECT product, COUNT(DISTINCT region), SUM(DISTINCT qty), AVG(DISTINCT price) FROM s GROUP BY product ORDER BY product;
SELECT COUNT(DISTINCT region, product), COUNT(DISTINCT product) FROM s;
SELECT region, GROUP_CONCAT(product ORDER BY product, id SEPARATOR '|') FROM s GROUP BY region ORDER BY region;
SELECT region, GROUP_CONCAT(DISTINCT product ORDER BY product DESC) FROM s GROUP BY region ORDER BY region;
SELECT GROUP_CONCAT(qty, ':', product ORDER BY id) FROM s;
SELECT BIT_AND(qty), BIT_OR(qty), BIT_XOR(qty) FROM s WHERE qty > 0;
SELECT ROUND(STD(qty), 4), ROUND(STDDEV_SAMP(qty), 4), ROUND(VARIANCE(qty), 4), ROUND(VAR_SAMP(qty), 4) FROM s;
SELECT SUM(qty) + 1, SUM(qty + 1), -SUM(qty), SUM(qty) / COUNT(*), MAX(qty) - MIN(qty) FROM s;
SELECT SUM(region = 'north'), SUM(CASE WHEN region = 'south' THEN qty ELSE 0 END), COUNT(IF(qty > 3, 1, NULL)) FROM s;
SELECT MIN(product), MAX(product), MIN(sold), MAX(sold) FROM s;
SELECT MAX(LENGTH(product)), MIN(CONCAT(region, product)) FROM s;
SELECT region, MAX(qty) OVER (), COUNT(*) FROM s WHERE region = 'east' GROUP BY region, qty;
-- @mysql MariaDB has no ANY_VALUE
-- = ANY_VALUE(1)	COUNT(*)
-- | 1	0
SELECT ANY_VALUE(1), COUNT(*) FROM s WHERE 1 = 0;
SELECT region, SUM(qty), COUNT(*) FROM s GROUP BY region WITH ROLLUP;
SELECT region, product, SUM(qty) FROM s WHERE region IS NOT NULL GROUP BY region, product WITH ROLLUP;
SELECT product, SUM(price) FROM s WHERE product IS NOT NULL GROUP BY product WITH ROLLUP;
SELECT region, COUNT(*) FROM s WHERE id > 100 GROUP BY region WITH ROLLUP;
SELECT SUM(qty) FROM s HAVING SUM(qty) > 10;
SELECT SUM(qty) FROM s HAVING SUM(qty) > 1000;
SELECT 1 FROM s HAVING COUNT(*) > 3;
SELECT COUNT(*) FROM s HAVING MIN(id) = 1;
-- @mysql MySQL allows HAVING on selected columns without grouping
-- = id	qty
-- | 1	10
-- | 3	7
SELECT id, qty FROM s HAVING qty > 5 ORDER BY id;
SELECT id AS i, qty * 2 AS dbl FROM s HAVING dbl > 10 ORDER BY i;
-- @mysql the other columns depend on the primary key
-- = id	region
-- | 1	north
-- | 2	north
SELECT id, region FROM s GROUP BY id ORDER BY id LIMIT 2;
-- @mysql the other columns depend on the primary key
-- = id	region	COUNT(t.id)
-- | 1	north	3
-- | 2	north	3
-- | 3	south	3
-- | 4	south	3
-- | 6	north	3
-- | 7	south	3
-- | 8	east	1
SELECT s.id, s.region, COUNT(t.id) FROM s JOIN s t ON s.region = t.region GROUP BY s.id ORDER BY s.id;
SELECT region, qty FROM s GROUP BY region;
SELECT region, COUNT(*) FROM s;
-- @mysql MySQL applies ONLY_FULL_GROUP_BY to ORDER BY as well
-- error 1055
SELECT region FROM s GROUP BY region ORDER BY qty;
SELECT region FROM s GROUP BY region HAVING qty > 1;
SELECT SUM(COUNT(*)) FROM s;
SELECT id FROM s WHERE COUNT(*) > 1;
SELECT id FROM s GROUP BY COUNT(*);
SELECT region FROM s GROUP BY nope;
SELECT region FROM s GROUP BY 3;
SELECT COUNT(id, qty) FROM s;
SELECT DISTINCT region, COUNT(*) FROM s GROUP BY region, product ORDER BY region, 2;
SELECT DISTINCT SUM(qty) FROM s GROUP BY product ORDER BY 1;
SELECT COUNT(*) FROM (SELECT region FROM s GROUP BY region) t;
SELECT MAX(c) FROM (SELECT COUNT(*) c FROM s GROUP BY region) t;
SELECT region, (SELECT COUNT(*) FROM s x WHERE x.region = s.region) n FROM s GROUP BY region ORDER BY region;
SELECT region, SUM(qty) FROM s GROUP BY region HAVING SUM(qty) > (SELECT AVG(qty) FROM s) ORDER BY region;
CREATE TABLE e (a INT, b VARCHAR(3));
SELECT COUNT(*), COUNT(a), SUM(a), AVG(a), MIN(a), MAX(b), GROUP_CONCAT(b), BIT_AND(a), BIT_OR(a), STD(a) FROM e;
SELECT a, COUNT(*) FROM e GROUP BY a;
SELECT 5, COUNT(*), 'x' FROM e;
INSERT INTO e VALUES (NULL, NULL), (NULL, NULL);
SELECT COUNT(*), COUNT(a), SUM(a), AVG(a), MIN(a), MAX(b), COUNT(DISTINCT a) FROM e;
SELECT a, b, COUNT(*) FROM e GROUP BY a, b;
CREATE TABLE ix (id INT PRIMARY KEY, g INT, v INT, KEY gv (g, v));
INSERT INTO ix VALUES (1,1,5),(2,1,3),(3,2,8),(4,2,NULL),(5,NULL,1),(6,3,NULL),(7,1,5);
SELECT g, MIN(v), MAX(v), COUNT(v), COUNT(DISTINCT v) FROM ix GROUP BY g ORDER BY g;
SELECT MIN(g), MAX(g) FROM ix;
SELECT MIN(v), MAX(v) FROM ix WHERE g = 1;
SELECT MIN(v) FROM ix WHERE g = 3;
SELECT MAX(id), MIN(id), COUNT(*) FROM ix WHERE id > 3;
SELECT g, v, COUNT(*) FROM ix GROUP BY g, v ORDER BY g DESC, v DESC;
SELECT DISTINCT g FROM ix ORDER BY g DESC;
SELECT COUNT(*) FROM ix WHERE g = 2;
SELECT COUNT(v) FROM ix WHERE g IN (1, 2);
SELECT SUM(v) FROM ix WHERE g BETWEEN 1 AND 2;
SELECT CAST(SUM(1) AS SIGNED), SUM('2'), SUM(1.5), SUM(1e0), AVG('3'), AVG(1), SUM(NULL), MAX(NULL) FROM ix;
-- the column of MIN and MAX is fixed by the index that finds the rows
CREATE TABLE fx (id INT PRIMARY KEY, a INT, b INT, KEY ab (a, b));
INSERT INTO fx VALUES (1, -1, NULL), (2, 5, 1), (3, 5, NULL), (4, 0, 2);
SELECT MIN(a), MAX(a) FROM fx WHERE a = -1;
SELECT MAX(a) FROM fx WHERE a = -1;
SELECT MIN(a) FROM fx WHERE a = -1;
SELECT MAX(a) FROM fx WHERE a = 5;
SELECT MAX(b) FROM fx WHERE a = 5;
SELECT MIN(b) FROM fx WHERE a = 5;
SELECT MIN(b) FROM fx WHERE a = -1;
SELECT MAX(b) FROM fx WHERE a = 5 AND b = 1;
SELECT MIN(a) FROM fx WHERE a = 5 AND b IS NULL;
CREATE TABLE anyv (id INT PRIMARY KEY, a INT, b VARCHAR(5));
INSERT INTO anyv VALUES (1, 1, 'x'), (2, 1, 'x'), (3, 2, NULL);
-- @mysql MariaDB has no ANY_VALUE
-- = a	ANY_VALUE(b)
-- | 1	x
-- | 2	\N
SELECT a, ANY_VALUE(b) FROM anyv GROUP BY a ORDER BY a;
-- @mysql MariaDB has no ANY_VALUE
-- = s	c
-- | 2	2
-- | 3	1
SELECT ANY_VALUE(a) + 1 s, COUNT(*) c FROM anyv GROUP BY CONCAT(a, 'k') ORDER BY ANY_VALUE(a);
-- @mysql MariaDB has no ANY_VALUE
-- = c	b
-- | 3	x
SELECT COUNT(*) c, ANY_VALUE(b) b FROM anyv WHERE id < 9;
-- @mysql MariaDB has no ANY_VALUE
-- error 1055
SELECT ANY_VALUE(b), b FROM anyv GROUP BY a;
