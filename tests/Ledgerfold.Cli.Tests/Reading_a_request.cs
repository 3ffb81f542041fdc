using System.Text;
using Ledgerfold.Cli.Verbs;
using Ledgerfold.Model.Wire;

namespace Ledgerfold.Cli.Tests;

public sealed class Reading_a_request
{
    [Theory]
    [InlineData("""7""", "", "an event")]
    [InlineData("""{"type":"A","data":1}{}""", "", "at byte 21")]
    [InlineData("""{"type":"A","data":1,}""", "", "at byte 21")]
    [InlineData("""{"data":1}""", "writes[0].events[0].type", "required")]
    [InlineData("""{"type":null,"data":1}""", "writes[0].events[0].type", "required")]
    [InlineData("""{"type":"A"}""", "writes[0].events[0].data", "required")]
    [InlineData("""{"type":"A","type":"B","data":1}""", "writes[0].events[0].type", "given once")]
    [InlineData("""{"type":"\ud800","data":1}""", "writes[0].events[0].type", "surrogate")]
    [InlineData("""{"type":"A","data":1,"id":"x"}""", "writes[0].events[0].id", "a UUID")]
    [InlineData("""{"type":"A","data":1,"schemaVersion":1.5}""", "writes[0].events[0].schemaVersion", "a whole number")]
    [InlineData("""{"type":"A","data":1,"schemaVersion":99999999999}""", "writes[0].events[0].schemaVersion", "at most")]
    [InlineData("""{"type":"A","data":1,"effectiveAt":"yesterday"}""", "writes[0].events[0].effectiveAt", "ISO 8601")]
    [InlineData("""{"type":"A","data":1,"actor":7}""", "writes[0].events[0].actor", "a string")]
    [InlineData("""{"type":"A","data":1,"tags":"a:b"}""", "writes[0].events[0].tags", "an array")]
    [InlineData("""{"type":"A","data":1,"tags":["a:b",7]}""", "writes[0].events[0].tags[1]", "a string")]
    [InlineData("""{"type":"A","data":1,"headers":["a"]}""", "writes[0].events[0].headers", "an object")]
    [InlineData("""{"type":"A","dataBase64":"?"}""", "writes[0].events[0].dataBase64", "Base64")]
    [InlineData("""[{"type":"A","data":1},7]""", "writes[0].events[1]", "a JSON object")]
    [InlineData("""{"writes":{}}""", "writes", "a JSON array")]
    [InlineData("""{"writes":[{"events":[]}]}""", "writes[0].stream", "required")]
    [InlineData("""{"writes":[{"stream":"a-1","expect":"some"}]}""", "writes[0].expect", "any, none")]
    [InlineData("""{"writes":[{"stream":"a-1","expect":-1}]}""", "writes[0].expect", "any, none")]
    [InlineData("""{"writes":[{"stream":"a-1","close":"yes"}]}""", "writes[0].close", "true or false")]
    [InlineData("""{"condition":{"after":1}}""", "condition.failIfMatch", "required")]
    [InlineData("""{"condition":{"failIfMatch":{},"after":"1.0"}}""", "condition.after", "a whole number")]
    [InlineData("""{"condition":{"failIfMatch":{"items":[{"types":"A"}]}}}""", "condition.failIfMatch.items[0].types", "an array")]
    [InlineData("""{"cursorMoves":[{"consumer":"c","expected":0}]}""", "cursorMoves[0].next", "required")]
    public void Refuses_what_breaks_a_rule_and_names_the_field(string line, string field, string rule)
    {
        var taken = Reader().TryRead(Encoding.UTF8.GetBytes(line), out _, out var refused);

        Assert.False(taken);
        Assert.Equal(field, refused!.Field);
        Assert.Contains(rule.Replace("an array", "a JSON array").Replace("an object", "a JSON object"), refused.Rule);
    }

    [Fact]
    public void Ignores_fields_it_does_not_know_and_nulls()
    {
        var request = Read("""{"type":"A","data":1,"colour":"red","position":"7","actor":null,"tags":null,"id":null}""");

        var item = Assert.Single(Assert.Single(request.Writes).Events);
        Assert.Equal(("A", null, 0, 7), (item.Type, item.Actor, item.Tags.Length, item.Id.Version));
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.0000000+00:00")]
    [InlineData("2026-01-02T03:04:05", "2026-01-02T03:04:05.0000000+00:00")]
    [InlineData("2026-01-02T03:04:05.123456789+02:00", "2026-01-02T03:04:05.1234567+02:00")]
    [InlineData("2026-01-02", "2026-01-02T00:00:00.0000000+00:00")]
    public void Takes_a_time_without_an_offset_as_utc(string text, string time)
    {
        var request = Read($$"""{"type":"A","data":1,"effectiveAt":"{{text}}"}""");

        Assert.Equal(time, request.Writes[0].Events[0].EffectiveAt!.Value.ToString("O"));
    }

    [Fact]
    public void Takes_the_stream_and_the_expectation_of_the_command_line_for_the_short_forms_only()
    {
        var reader = EventsAppendVerb.ReaderOf("acme", "order-1", Expectation.Exactly(4));

        Assert.True(reader.TryRead("""[{"type":"A","data":1}]"""u8.ToArray(), out var shortly, out _));
        Assert.True(reader.TryRead("""{"writes":[{"stream":"order-2","expect":"3"}]}"""u8.ToArray(), out var fully, out _));

        Assert.Equal(("acme", "order-1", 4L), (shortly.Tenant, shortly.Writes[0].Stream, shortly.Writes[0].Expect.Version));
        Assert.Equal(("acme", "order-2", 3L), (fully.Tenant, fully.Writes[0].Stream, fully.Writes[0].Expect.Version));
    }

    [Fact]
    public void Takes_data_of_any_depth()
    {
        var deep = new string('[', 5000) + new string(']', 5000);

        Assert.Equal(deep, Encoding.UTF8.GetString(Read($$"""{"type":"A","data":{{deep}}}""").Writes[0].Events[0].Data.Span));
    }

    [Fact]
    public void Takes_the_exact_bytes_where_data_is_given_in_both_ways()
    {
        var item = Read("""{"type":"A","data":{ },"dataBase64":"ewp9"}""").Writes[0].Events[0];

        Assert.Equal(("{\n}", "application/json"), (Encoding.UTF8.GetString(item.Data.Span), item.ContentType));
    }

    private static AppendRequestReader Reader() => EventsAppendVerb.ReaderOf(Tenants.Default, "order-1", Expectation.Any);

    private static AppendRequest Read(string line)
    {
        Assert.True(Reader().TryRead(Encoding.UTF8.GetBytes(line), out var request, out var refused), refused?.ToString());
        return request;
    }
}
