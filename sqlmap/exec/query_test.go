package exec_test

import "testing"

func shop(t testing.TB) *world {
	w := newWorld(t)
	w.do(`
		CREATE TABLE customer (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, city VARCHAR(20), KEY city (city));
		CREATE TABLE orders (id INT PRIMARY KEY, customer INT, total DECIMAL(10,2), day DATE, KEY customer (customer), KEY day (day, total));
		CREATE TABLE item (orders INT, line INT, product VARCHAR(20), qty INT, PRIMARY KEY (orders, line), KEY product (product));
		INSERT INTO customer VALUES (1,'ann','rome'), (2,'bob','oslo'), (3,'cid',NULL), (4,'dan','rome');
		INSERT INTO orders VALUES (10,1,5.50,'2024-01-01'), (11,1,7.00,'2024-01-02'), (12,2,1.25,'2024-01-02'), (13,NULL,9.99,'2024-01-03');
		INSERT INTO item VALUES (10,1,'pen',2), (10,2,'ink',1), (11,1,'pen',5), (12,1,'cup',1), (13,1,'ink',NULL);
	`)
	return w
}

func TestSelect(t *testing.T) {
	w := shop(t)
	w.query("SELECT 1", "1")
	w.query("SELECT 1 FROM DUAL WHERE 1 = 0")
	w.query("SELECT id, name FROM customer ORDER BY id", "1|ann", "2|bob", "3|cid", "4|dan")
	w.query("SELECT * FROM customer WHERE id = 2", "2|bob|oslo")
	w.query("SELECT name FROM customer WHERE id > 1 AND id <= 3 ORDER BY id DESC", "cid", "bob")
	w.query("SELECT name FROM customer WHERE city = 'rome' ORDER BY name DESC LIMIT 1", "dan")
	w.query("SELECT name FROM customer ORDER BY city, name", "cid", "bob", "ann", "dan")
	w.query("SELECT name n FROM customer ORDER BY n LIMIT 2 OFFSET 1", "bob", "cid")
	w.query("SELECT id + 1 AS k FROM customer ORDER BY k DESC LIMIT 1", "5")
	w.query("SELECT DISTINCT city FROM customer ORDER BY city", "NULL", "oslo", "rome")
	w.query("SELECT count(*), sum(id), min(name), max(city) FROM customer", "4|10|ann|rome")
	w.set("SELECT city, count(*) FROM customer GROUP BY city", "rome|2", "oslo|1", "NULL|1")
	w.query("SELECT city c, count(*) n FROM customer GROUP BY c HAVING n > 1", "rome|2")
}

func TestJoins(t *testing.T) {
	w := shop(t)
	w.set("SELECT c.name, o.id FROM customer c JOIN orders o ON o.customer = c.id", "ann|10", "ann|11", "bob|12")
	w.set("SELECT c.name, o.id FROM customer c LEFT JOIN orders o ON o.customer = c.id",
		"ann|10", "ann|11", "bob|12", "cid|NULL", "dan|NULL")
	w.set("SELECT c.name, o.id FROM customer c RIGHT JOIN orders o ON o.customer = c.id",
		"ann|10", "ann|11", "bob|12", "NULL|13")
	w.set("SELECT name, product FROM customer, orders o, item i WHERE i.orders = o.id AND o.customer = customer.id AND qty > 1",
		"ann|pen", "ann|pen")
	w.query("SELECT count(*) FROM customer, orders", "16")
	w.set("SELECT name FROM customer c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id)", "ann", "bob")
	w.set("SELECT name FROM customer c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id)", "cid", "dan")
	w.set("SELECT name FROM customer WHERE id IN (SELECT customer FROM orders)", "ann", "bob")
	w.set("SELECT name FROM customer WHERE id NOT IN (SELECT customer FROM orders)")
	w.set("SELECT name FROM customer WHERE id NOT IN (SELECT customer FROM orders WHERE customer IS NOT NULL)", "cid", "dan")
	w.query("SELECT name, (SELECT count(*) FROM orders o WHERE o.customer = c.id) n FROM customer c ORDER BY n DESC, name",
		"ann|2", "bob|1", "cid|0", "dan|0")
}
