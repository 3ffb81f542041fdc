using System.Text;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Tests.Evolving;

/// <summary>What code makes of events that were written by older code, by newer code, or by somebody else.</summary>
public sealed class Reading_what_others_wrote
{
    public abstract record Event;

    public sealed record Registered(string Name, int Level = 1, string? Note = null) : Event;

    public sealed record Marked(Colour Colour) : Event;

    public enum Colour
    {
        Red,
        Green,
    }

    private static readonly EventTypes Types = EventTypes.Of<Event>().Named<Registered>("Registered", version: 3);

    public static TheoryData<string, string> Read { get; } = new()
    {
        { """{"name":"ada","level":2,"note":"n"}""", "ada 2 n" },
        { """{"name":"ada"}""", "ada 1 " }, // a member with a default may be missing
        { """{"name":"ada","level":2,"note":null}""", "ada 2 " },
        { """{"name":"ada","since":"2020","tags":[1,2,{"x":null}]}""", "ada 1 " }, // members that nobody knows are passed over
        { """{"note":"n","name":"ada"}""", "ada 1 n" },
    };

    [Theory]
    [MemberData(nameof(Read))]
    public void Reads_what_bears_being_read(string json, string expected)
    {
        var registered = Assert.IsType<Registered>(Decode("Registered", 3, json)[0]);

        Assert.Equal(expected, $"{registered.Name} {registered.Level} {registered.Note}");
    }

    public static TheoryData<string, int, string, UnreadableKind> Refused { get; } = new()
    {
        { "Unheard", 1, "{}", UnreadableKind.UnknownType },
        { "registered", 3, """{"name":"ada"}""", UnreadableKind.UnknownType }, // names are compared letter by letter
        { "Registered", 4, """{"name":"ada"}""", UnreadableKind.NewerVersion },
        { "Registered", 3, """{"level":2}""", UnreadableKind.Malformed }, // a member without a default must be there
        { "Registered", 3, """{"Name":"ada"}""", UnreadableKind.Malformed },
        { "Registered", 3, """{"name":null}""", UnreadableKind.Malformed },
        { "Registered", 3, """{"name":"ada","level":"2"}""", UnreadableKind.Malformed },
        { "Registered", 3, """{"name":"ada","level":null}""", UnreadableKind.Malformed },
        { "Registered", 3, "null", UnreadableKind.Malformed },
        { "Registered", 3, "[]", UnreadableKind.Malformed },
        { "Registered", 3, "{", UnreadableKind.Malformed },
        { "Registered", 3, "", UnreadableKind.Malformed },
        { "Marked", 1, """{"colour":"blue"}""", UnreadableKind.Malformed }, // a value that nobody knows is none
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Says_what_it_cannot_read(string type, int version, string json, UnreadableKind expected)
    {
        var decoded = Decode(type, version, json);

        Assert.Equal(expected, decoded.Problem?.Kind);
        Assert.StartsWith($"{type} version {version} cannot be read: ", decoded.Problem!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Reads_an_older_version_as_it_is_where_nothing_makes_it_newer(int version) =>
        Assert.Equal(new Registered("ada"), Decode("Registered", version, """{"name":"ada"}""")[0]);

    [Fact]
    public void Reads_values_of_an_enum_by_name() => Assert.Equal(new Marked(Colour.Green), Decode("Marked", 1, """{"colour":"green"}""")[0]);

    [Fact]
    public void Makes_old_events_newer_step_by_step()
    {
        var types = Types
            .Upcast("Registered", 1, static old => [old with { Version = 2, Data = Replaced(old, "nick", "title") }])
            .Upcast("Registered", 2, static old => [old with { Version = 3, Data = Replaced(old, "title", "name") }]);

        Assert.Equal(new Registered("ada"), Decode("Registered", 1, """{"nick":"ada"}""", types)[0]);
        Assert.Equal(new Registered("ada"), Decode("Registered", 2, """{"title":"ada"}""", types)[0]);
    }

    [Fact]
    public void Makes_an_old_event_into_none_or_several_or_one_of_another_name()
    {
        var types = Types
            .Upcast("Pinged", 1, static _ => [])
            .Upcast("Joined", 1, static old => [old with { Type = "Registered" }])
            .Upcast("Merged", 1, static old =>
            [
                old with { Type = "Registered", Data = """{"name":"ada"}"""u8.ToArray() },
                old with { Type = "Joined", Data = """{"name":"bob"}"""u8.ToArray() },
                old with { Type = "Pinged" },
            ]);

        Assert.Equal(0, Decode("Pinged", 1, "{}", types).Count);
        Assert.Null(Decode("Pinged", 1, "{}", types).Problem);
        Assert.Equal(new Registered("cyd"), Decode("Joined", 1, """{"name":"cyd"}""", types)[0]);
        var merged = Decode("Merged", 1, "{}", types);
        Assert.Equal([new Registered("ada"), new Registered("bob")], Enumerable.Range(0, merged.Count).Select(fact => merged[fact]));
    }

    [Fact]
    public void Says_that_an_upcast_failed_never_ends_or_leads_nowhere()
    {
        var types = Types
            .Upcast("Thrown", 1, static _ => throw new FormatException("no number"))
            .Upcast("Endless", 1, static old => [old])
            .Upcast("Lost", 1, static old => [old with { Type = "Nowhere" }]);

        Assert.Equal((UnreadableKind.Malformed, "no number"), Problem("Thrown"));
        Assert.Equal((UnreadableKind.Malformed, "its upcasts never come to an end"), Problem("Endless"));
        Assert.Equal(UnreadableKind.UnknownType, Problem("Lost").Kind);
        (UnreadableKind Kind, string Reason) Problem(string type) => Decode(type, 1, "{}", types).Problem is { } problem ? (problem.Kind, problem.Reason) : default;
    }

    [Fact]
    public void Passes_over_an_unknown_type_where_it_is_told_to_and_nothing_else()
    {
        var types = Types.Upcast("Lost", 1, static old => [old with { Type = "Nowhere" }]);

        Assert.Equal((0, null), Passed("Unheard", 1, "{}"));
        Assert.Equal(UnreadableKind.NewerVersion, Passed("Registered", 4, "{}").Kind);
        Assert.Equal(UnreadableKind.Malformed, Passed("Registered", 3, "{}").Kind);
        Assert.Equal(UnreadableKind.UnknownType, Passed("Lost", 1, "{}").Kind);
        Assert.Equal(UnreadableKind.UnknownType, Passed("Lost", 2, "{}").Kind); // newer than what it knows of that name

        (int Count, UnreadableKind? Kind) Passed(string type, int version, string json)
        {
            var decoded = new EventCodec(types).Decode(Recorded(type, version, json), UnknownEvents.PassOver);
            return (decoded.Count, decoded.Problem?.Kind);
        }
    }

    [Fact]
    public void Finds_nothing_in_what_was_erased() => Assert.Equal(0, new EventCodec(Types).Decode(Recorded("Unheard", 1, "", erased: true)).Count);

    [Fact]
    public void Refuses_names_that_would_meet()
    {
        Assert.Throws<ArgumentException>(() => Types.Named<Marked>("Registered"));
        Assert.Throws<ArgumentException>(() => Types.Upcast("A", 1, static old => [old]).Upcast("A", 1, static old => [old]));
        Assert.Throws<ArgumentException>(() => EventTypes.In(typeof(Colour)));
        Assert.Throws<InvalidOperationException>(() => Types.Of("a text"));
    }

    private static ReadOnlyMemory<byte> Replaced(EncodedEvent old, string from, string to) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(old.Data.Span).Replace(from, to, StringComparison.Ordinal));

    private static Decoded Decode(string type, int version, string json, EventTypes? types = null) =>
        new EventCodec(types ?? Types).Decode(Recorded(type, version, json));

    private static RecordedEvent Recorded(string type, int version, string json, bool erased = false) => new()
    {
        Position = 1,
        Id = Guid.AllBitsSet,
        Tenant = Tenants.Default,
        Stream = "user-1",
        Version = 1,
        Type = type,
        SchemaVersion = version,
        RecordedAt = DateTimeOffset.UnixEpoch,
        ContentType = "application/json",
        Data = Encoding.UTF8.GetBytes(json),
        Erased = erased,
    };
}
