// Devices and what they measured, in SQL through pgx.
//
// Usage: measurements "host=127.0.0.1 port=5432 user=weir dbname=fluss"
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5"
)

const schema = `
CREATE TABLE go_measurements (device bigint, value float8, region text NOT NULL) PARTITION BY LIST (region);
CREATE TABLE go_measurements_eu PARTITION OF go_measurements FOR VALUES IN ('EU');
CREATE TABLE go_measurements_us PARTITION OF go_measurements FOR VALUES IN ('US');
CREATE TABLE go_devices (device bigint PRIMARY KEY, name text);`

func copyMeasurements(ctx context.Context, conn *pgx.Conn) error {
	rows := pgx.CopyFromSlice(1000, func(i int) ([]any, error) {
		region := "US"
		if i%4 == 0 {
			region = "EU"
		}
		return []any{int64(i % 10), float64(i) / 8, region}, nil
	})
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"go_measurements"}, []string{"device", "value", "region"}, rows)
	return err
}

func run(ctx context.Context, address string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, schema); err != nil {
		return err
	}
	if err := copyMeasurements(ctx, conn); err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO go_devices VALUES ($1, $2) ON CONFLICT (device) DO UPDATE SET name = excluded.name",
			7, "boiler")
		return err
	})
	if err != nil {
		return err
	}
	var name string
	if err := conn.QueryRow(ctx, "SELECT name FROM go_devices WHERE device = $1", 7).Scan(&name); err != nil {
		return err
	}
	fmt.Println("device 7 is the", name)
	var rows int64
	var sum float64
	err = conn.QueryRow(ctx, "SELECT count(*), sum(value) FROM go_measurements WHERE region = $1", "EU").Scan(&rows, &sum)
	if err != nil {
		return err
	}
	fmt.Printf("EU: %d measurements, sum %g\n", rows, sum)
	return nil
}

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		log.Fatal(err)
	}
}
