using System.Diagnostics;

namespace Ledgerfold.Server.Tests.Telling;

[Collection<Alone>]
public sealed class Tracing_a_call
{
    private const string Sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task Goes_from_the_call_over_what_follows_to_what_is_done_outside()
    {
        using var spans = new Spans();
        var errands = new Errands();
        await using var server = await RunningServer.Start(systems: errands);

        Assert.Equal(200, (await Call(server)).Status);

        var call = await spans.Find(static one => one.ParentId == Sent);
        var command = await spans.ChildOf(call, "TakeErrand");
        var append = await spans.ChildOf(command, "append errand");
        Assert.Equal(("POST /api/v1/errands/{errand}", 200, "/api/v1/errands/{errand}"),
            (call.DisplayName, call.GetTagItem("http.response.status_code"), call.GetTagItem("http.route")));
        Assert.Equal(("accepted", "default"), (command.GetTagItem("ledgerfold.answer"), command.GetTagItem("ledgerfold.tenant")));
        Assert.Equal((ActivityKind.Producer, "appended", "errand-7", 1), (append.Kind,
            append.GetTagItem("ledgerfold.answer"), append.GetTagItem("messaging.destination.name"), append.GetTagItem("messaging.batch.message_count")));
        Assert.Equal([call.TraceId, call.TraceId], [command.TraceId, append.TraceId]);

        var fold = await spans.LinkedTo(command, "fold errand-list");
        var checkpoint = await spans.Find(one => one.DisplayName == "fold checkpoint"
            && (one.ParentSpanId == fold.SpanId || one.Links.Any(link => link.Context.SpanId == fold.SpanId))); // one writes several pages
        Assert.Equal(("errand-list@1", null, ActivityKind.Consumer), (fold.GetTagItem("ledgerfold.fold"), fold.ParentId, fold.Kind));
        Assert.NotEqual(call.TraceId, fold.TraceId);
        Assert.Equal("written", checkpoint.GetTagItem("ledgerfold.answer"));

        var began = await spans.LinkedTo(command, "process errandBoy");
        var activity = await spans.ChildOf(began, "fetch");
        Assert.Equal(("7", null), (began.GetTagItem("ledgerfold.process.key"), began.ParentId));
        Assert.True(began.TraceId != call.TraceId && began.TraceId != fold.TraceId);
        Assert.Equal(ActivityKind.Client, activity.Kind);
        await spans.ChildOf(began, "append $process");

        var went = await spans.LinkedTo(began, "process errandBoy");
        var closing = await spans.ChildOf(went, "CloseErrand");
        Assert.Equal((null, closing.TraceId), (went.ParentId, (await spans.ChildOf(closing, "append errand")).TraceId));
        await spans.LinkedTo(closing, "fold errand-list");

        var found = errands.Found.ToDictionary(static one => one.Where);
        Assert.Equal((command.SpanId, activity.SpanId), (found["decision"].Going!.SpanId, found["activity"].Going!.SpanId));
        Assert.Equal(activity.Id, found["activity"].TraceParent);
    }

    [Fact]
    public async Task Begins_nothing_where_nobody_listens_and_events_carry_the_trace_of_the_call()
    {
        var errands = new Errands();
        await using var server = await RunningServer.Start(systems: errands);

        Assert.Equal(200, (await Call(server)).Status);
        await errands.Fetched.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        var found = errands.Found.ToDictionary(static one => one.Where);
        Assert.NotEqual("Ledgerfold", found["decision"].Going?.Source.Name);
        Assert.Null(found["activity"].Going);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", ActivityContext.Parse(found["activity"].TraceParent!, null).TraceId.ToString());
    }

    [Fact]
    public async Task Links_what_several_callers_had_appended_to_what_took_it_up_but_not_without_end()
    {
        using var spans = new Spans();
        await using var server = await RunningServer.Start(systems: new Errands());
        var events = Enumerable.Range(1, 100)
            .Select(static n => $$"""{"type":"ErrandClosed","data":{},"traceParent":"00-0af7651916cd43dd8448eb211c80319c-{{n:x16}}-01"}""");

        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/streams/errand-8/events")
        {
            Content = new StringContent($"[{string.Join(',', events)}]", null, "application/json"),
        };
        request.Headers.Add("If-None-Match", "*");
        request.Headers.Add("traceparent", Sent);
        Assert.Equal(201, (await server.Send(request)).Status);

        var call = await spans.Find(static one => one.ParentId == Sent);
        var append = await spans.ChildOf(call, "append errand");
        var fold = await spans.Find(static one => one.DisplayName == "fold errand-list" && one.Links.Any());
        Assert.Equal((32, 32), (append.Links.Count(), fold.Links.Count()));
        Assert.Equal(100, append.GetTagItem("messaging.batch.message_count"));
    }

    private static Task<Answer> Call(RunningServer server)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/errands/7");
        request.Headers.Add("Idempotency-Key", "k1");
        request.Headers.Add("traceparent", Sent);
        return server.Send(request);
    }
}
