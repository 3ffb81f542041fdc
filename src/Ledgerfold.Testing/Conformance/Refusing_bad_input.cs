using System.Collections.Immutable;
using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Refusing_bad_input(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Every_limit_holds_at_its_edge_and_not_one_beyond()
    {
        await Append("known-1", Event());
        foreach (var (field, edge, beyond) in LimitCases.OfAppends(Event))
        {
            await ChangesNothing(async () =>
            {
                var refused = await Answer<AppendOutcome.Refused>(beyond, $"one beyond the limit of {field}");
                Same($"the field of {Spoken.Of(beyond)}", field, refused.Field);
                Same($"the rule for {field}", Limits.Check(beyond)?.Rule, refused.Rule);
            });
            await Append(edge, $"at the limit of {field}");
        }
    }

    [Fact]
    public async Task Every_broken_rule_is_named_with_its_place()
    {
        await Append("known-1", Event());
        foreach (var (field, broken) in LimitCases.Broken(Event))
        {
            await ChangesNothing(async () =>
            {
                var refused = await Answer<AppendOutcome.Refused>(broken, $"breaks the rule of {field}");
                Same($"the field of {Spoken.Of(broken)}", field, refused.Field);
                Same($"the rule for {field}", Limits.Check(broken)?.Rule, refused.Rule);
            });
        }
    }

    [Fact]
    public async Task Hostile_names_of_streams_are_refused()
    {
        foreach (var name in LimitCases.HostileText.Select(text => $"order-{text}").Concat(LimitCases.NotStreams))
        {
            await ChangesNothing(async () =>
            {
                var refused = await Answer<AppendOutcome.Refused>(To(name, Event()), $"{Spoken.Text(name)} is no stream");
                Same("the field", "writes[0].stream", refused.Field);
            });
        }
    }

    [Fact]
    public async Task Hostile_text_is_refused_wherever_a_name_stands()
    {
        foreach (var text in LimitCases.HostileText)
        {
            foreach (var (field, request) in LimitCases.NamedEverywhere(text, Event()))
            {
                await ChangesNothing(async () =>
                {
                    var refused = await Answer<AppendOutcome.Refused>(request, $"{Spoken.Text(text)} as {field}");
                    Same("the field", field, refused.Field);
                });
            }
        }
    }

    [Fact]
    public async Task Odd_but_sound_names_are_taken_as_they_are()
    {
        foreach (var text in LimitCases.OddText)
        {
            await Append(
                To($"odd-{text}", Expectation.NoStream, Event() with { Actor = text }) with { Tenant = text },
                $"{Spoken.Text(text)} is a name");

            SamePositions($"the events of the tenant {Spoken.Text(text)}", [await Head()], await ReadStream($"odd-{text}", text));
        }
    }

    [Fact]
    public async Task A_read_that_breaks_a_rule_names_it()
    {
        await Append("order-1", Event());
        foreach (var (field, request) in LimitCases.BrokenReads())
        {
            foreach (var acrossTenants in field == "tenant" ? [false] : new[] { false, true })
            {
                var refused = await Assert.ThrowsAnyAsync<ArgumentException>(() => Pages(request, acrossTenants));
                var rule = Limits.Check(request)!.Rule;
                Assert.True(
                    refused.Message.Contains(field, StringComparison.Ordinal) && refused.Message.Contains(rule, StringComparison.Ordinal),
                    $"asked: {Spoken.Of(request)}\nexpected a message with '{field}' and '{rule}'\ngot: {refused.Message}");
            }
        }
    }

    [Fact]
    public async Task A_read_at_the_limits_is_answered()
    {
        await Append("order-1", Event("Happened", "x:1"));
        ImmutableArray<string> parts = [.. Enumerable.Range(1, Limits.QueryItemPartsMax - 1).Select(p => $"x:{p + 1}")];
        var item = new QueryItem { Types = [.. parts, "Happened"], Tags = ["x:1"] };
        var request = new ReadRequest { Query = new EventQuery { Items = [.. Enumerable.Repeat(item, Limits.QueryItemsMax)] } };

        SamePositions("a hundred items of a hundred types", [1], await Read(request));
        SamePositions("a hundred tags", [], await Read(EventQuery.Tagged([.. parts, "x:1"])));
    }

    [Fact]
    public async Task A_refused_id_is_not_remembered()
    {
        var item = Event();
        await Answer<AppendOutcome.Refused>(To("order-1", item with { Type = "" }));
        await Answers(To("order-1", item), new AppendOutcome.Appended(1, 1, [new("order-1", 1)], false));
    }
}
