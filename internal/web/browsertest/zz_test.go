package browsertest
import ("testing";"time";"github.com/chromedp/chromedp")
func TestX(t *testing.T){ b:=Start(t); 
 for range 4 { for _,opts:=range [][]chromedp.ContextOption{{chromedp.WithNewBrowserContext()},{chromedp.WithNewBrowserContext(),chromedp.WithNewWindow(false)},{}} {
 s:=time.Now()
 ctx,c:=chromedp.NewContext(b.ctx, opts...)
 t.Log(len(opts),chromedp.Do(ctx), time.Since(s))
 s=time.Now()
 t.Log(chromedp.Do(ctx,chromedp.Navigate("about:blank")), time.Since(s))
 s=time.Now()
 c()
 t.Log(time.Since(s))
 }}
}
