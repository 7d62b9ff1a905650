package journal
import ("testing";"math/rand/v2";"fmt"
"github.com/RoaringBitmap/roaring/v2"
"kartotek/internal/database";"kartotek/internal/database/databasetest")
func TestZZ(t *testing.T){
 db:=databasetest.PostgreSQL(t); j:=open(t,db); random := rand.New(rand.NewPCG(1, 2))
 for from:=0;from<10000;from+=500{ must(t,db.Write(ctx,func(tx *database.Tx)error{ for n:=range 500{ set:=roaring.New(); for range 1000{set.Add(random.Uint32N(1000000)+1)}
  if _,err:=j.Append(tx,&Entry{Act:List,Number:int64(from+n+1),Persons:set});err!=nil{return err}};return nil}))}
 must(t,db.Write(ctx,func(tx *database.Tx)error{ for range 20000{ if _,err:=j.Append(tx,&Entry{Act:Opened,Persons:Set(500_000&^(chunkSize-1)|random.Uint32N(chunkSize))});err!=nil{return err}};return nil}))
 explain:=func(){ for range 2 {must(t,db.Read(ctx,func(q database.Querier)error{ rows,err:=q.Query(`EXPLAIN (ANALYZE, BUFFERS) SELECT entry, act, bits FROM journal_person WHERE chunk = 122 AND (length(bits) <> 2 OR bits = '\x1120') ORDER BY entry DESC`); if err!=nil{return err}
  for rows.Next(){var s string; rows.Scan(&s); fmt.Println(s)}; return rows.Err()}))}}
 explain()
 must(t,db.Forget(ctx)); fmt.Println("vacuumed"); explain()
 must(t,db.Write(ctx,func(tx *database.Tx)error{ if _,err:=tx.Exec(`ALTER TABLE journal_person DROP CONSTRAINT journal_person_pkey`);err!=nil{return err}; _,err:=tx.Exec(`ALTER TABLE journal_person ADD PRIMARY KEY (chunk, entry) INCLUDE (act, bits)`);return err}))
 must(t,db.Forget(ctx)); fmt.Println("include"); explain()
}
