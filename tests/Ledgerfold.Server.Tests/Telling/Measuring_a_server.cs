using System.Globalization;
using System.Text;

namespace Ledgerfold.Server.Tests.Telling;

[Collection<Alone>]
public sealed class Measuring_a_server
{
    [Fact]
    public async Task Counts_appends_by_answer_and_what_the_disk_took()
    {
        await using var server = await RunningServer.Start();
        var before = await Readings(server);

        await Append(server, "If-None-Match", "*", "0198a1b2-0000-7000-8000-000000000001");
        await Append(server, "If-None-Match", "*", "0198a1b2-0000-7000-8000-000000000001");
        await Append(server, "If-None-Match", "*", "0198a1b2-0000-7000-8000-000000000002");

        var after = await Readings(server);
        double Rise(string series) => after.GetValueOrDefault(series) - before.GetValueOrDefault(series);
        Assert.Equal(1, Rise("""ledgerfold_append_duration_seconds_count{ledgerfold_answer="appended"}"""));
        Assert.Equal(1, Rise("""ledgerfold_append_duration_seconds_count{ledgerfold_answer="repeated"}"""));
        Assert.Equal(1, Rise("""ledgerfold_append_duration_seconds_count{ledgerfold_answer="wrong-version"}"""));
        Assert.Equal(1, Rise("ledgerfold_sync_duration_seconds_count"));
        Assert.InRange(Rise("ledgerfold_sync_duration_seconds_sum"), 1e-7, Rise("""ledgerfold_append_duration_seconds_sum{ledgerfold_answer="appended"}"""));
        Assert.Equal(1, Rise("""ledgerfold_http_refusals_total{ledgerfold_code="wrong-version"}"""));
        Assert.Equal(0, after["ledgerfold_append_waiting"]);
    }

    [Fact]
    public async Task Counts_commands_and_calls_that_were_answered_before_and_what_states_began_with()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        var before = await Readings(server);

        await server.Post("/api/v1/shop/payments", """{"till":"a","amount":10}""", "k1");
        await server.Post("/api/v1/shop/payments", """{"till":"a","amount":10}""", "k1");
        await server.Post("/api/v1/shop/payments", """{"till":"a","amount":20}""", "k2");
        await server.Post("/api/v1/shop/payments", """{"till":"a","amount":95}""", "k3");

        var after = await Readings(server);
        double Rise(string series) => after.GetValueOrDefault(series) - before.GetValueOrDefault(series);
        Assert.Equal(1, Rise("ledgerfold_http_replays_total"));
        Assert.Equal(2, Rise("""ledgerfold_commands_total{ledgerfold_command="Pay",ledgerfold_answer="accepted"}"""));
        Assert.Equal(1, Rise("""ledgerfold_commands_total{ledgerfold_command="Pay",ledgerfold_answer="rejected"}"""));
        Assert.Equal(1, Rise("""ledgerfold_http_refusals_total{ledgerfold_code="TILL_FULL"}"""));
        Assert.Equal(1, Rise("""ledgerfold_state_loads_total{ledgerfold_source="nothing"}"""));
        Assert.Equal(2, Rise("""ledgerfold_state_loads_total{ledgerfold_source="hot"}"""));
    }

    [Fact]
    public async Task Shows_how_many_follow_the_ledger()
    {
        await using var server = await RunningServer.Start();
        var ask = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events") { Headers = { { "Accept", "text/event-stream" } } };
        Assert.Equal(0, (await Readings(server)).GetValueOrDefault("ledgerfold_http_follows"));

        using var following = await server.Client.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(1, (await Readings(server))["ledgerfold_http_follows"]);
    }

    [Fact]
    public async Task Shows_how_far_projections_and_processes_are_behind_and_each_name_once()
    {
        await using var server = await RunningServer.Start(systems: new Errands());

        var lags = new[]
        {
            """ledgerfold_fold_lag_events{ledgerfold_fold="errand-list@1"}""", """ledgerfold_fold_lag_time_seconds{ledgerfold_fold="errand-list@1"}""",
            """ledgerfold_process_lag_events{ledgerfold_process="errandBoy"}""", """ledgerfold_process_lag_time_seconds{ledgerfold_process="errandBoy"}""",
        };
        Dictionary<string, double> readings;
        do // they are looked at beside the one who asks
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            readings = await Readings(server);
        }
        while (!lags.All(readings.ContainsKey));

        Assert.All(lags, lag => Assert.Equal(0, readings[lag]));
        var types = (await server.Get("/metrics")).Text.Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(types.Distinct(), types);
    }

    private static Task<Answer> Append(RunningServer server, string header, string value, string id)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/streams/note-1/events")
        {
            Content = new StringContent($$"""{"id":"{{id}}","type":"Noted","data":{} }""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(header, value);
        return server.Send(request);
    }

    private static async Task<Dictionary<string, double>> Readings(RunningServer server) => (await server.Get("/metrics")).Text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(static line => line[0] != '#')
        .ToDictionary(
            static line => line[..line.LastIndexOf(' ')],
            static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
