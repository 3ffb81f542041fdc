using System.Collections.Immutable;
using System.Text;
using Xunit;

namespace Ledgerfold.Testing.Conformance;

public abstract class Keeping_events_whole(LedgerBackend backend) : LedgerConformance(backend)
{
    [Fact]
    public async Task Gives_back_every_field()
    {
        var item = new NewEvent
        {
            Id = NewId(),
            Type = "OrderCreated",
            SchemaVersion = int.MaxValue,
            Data = Utf8("""{"a":1}"""),
            ContentType = "application/vnd.order+json; charset=utf-8",
            EffectiveAt = new DateTimeOffset(1969, 12, 31, 23, 59, 59, TimeSpan.Zero).AddMicroseconds(999_999),
            CorrelationId = "the conversation",
            CausationId = "the cause",
            Actor = "the actor",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Tags = ["vendor:V2", "uti:ABC", "a:b:c", "z:1", "a:1"],
            Headers = [new("z", "last first"), new("a", ""), new("note", "two\nlines\t\u0000and a zero")],
        };
        await GivesBack(item, "all fields");
        await GivesBack(Event(), "no optional field");
        await GivesBack(Event() with { EffectiveAt = DateTimeOffset.UnixEpoch, Headers = [new("a", "")] }, "the epoch and an empty header");
    }

    [Fact]
    public async Task Gives_back_text_in_every_script()
    {
        foreach (var text in new[]
                 {
                     "é", "e\u0301", "Ωμέγα", "Ключ", "キー", "مفتاح", "\U0001d11e", "\U0001f469\u200d\U0001f4bb", "\uffff",
                     "\ufeffbom", "\ufffd", "\u200b", "\u202eright to left", " leading and trailing ",
                     "'; DROP TABLE events; --", "../../etc/passwd", "a\\b", "%00%0a", "{0}", "$",
                     "\U0010ffff", "\ud7ff\ue000", "ﬀ", "İ", "K", "null", "{}", "\"",
                 })
        {
            var item = Event() with
            {
                Type = text,
                ContentType = text,
                CorrelationId = text,
                CausationId = text,
                Actor = text,
                TraceParent = text,
                Tags = [$"t:{text}", $"t:{text}{text}"],
                Headers = [new(text, text), new(text + text, "")],
            };
            await GivesBack(item, Spoken.Text(text));
            Same(
                $"the events with the tag t:{Spoken.Text(text)}",
                1,
                (await Read(EventQuery.Tagged($"t:{text}"))).Count(one => one.Id == item.Id));
            Same($"the events of type {Spoken.Text(text)}", 1, (await Read(EventQuery.OfTypes(text))).Count);
            Same($"the events of conversation {Spoken.Text(text)}", 1, (await Read(EventQuery.OfCorrelation(text))).Count);
        }
    }

    [Fact]
    public async Task Keeps_data_byte_for_byte()
    {
        foreach (var data in Datas())
            await GivesBack(Event() with { Data = data }, $"{data.Length} bytes");
    }

    [Fact]
    public async Task Keeps_the_largest_event()
    {
        var item = FilledTo(Limits.EventBytesMax, Event() with
        {
            Tags = [.. Enumerable.Range(0, Limits.TagsMax).Select(t => $"t{t}:{new string('v', 500)}")],
            Headers = [.. Enumerable.Range(0, Limits.HeadersMax).Select(h => KeyValuePair.Create($"h{h}", new string('v', 1000)))],
        });
        await GivesBack(item, "the largest event");
    }

    [Fact]
    public async Task Cuts_the_effective_time_to_the_microsecond_and_keeps_it_in_utc()
    {
        foreach (var time in new[]
                 {
                     new DateTimeOffset(2024, 2, 29, 23, 59, 59, TimeSpan.FromHours(14)).AddTicks(9_999_999),
                     new DateTimeOffset(1969, 12, 31, 23, 59, 59, TimeSpan.Zero).AddTicks(9_999_999),
                     DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch.AddTicks(-1),
                 })
        {
            var item = Event() with { EffectiveAt = time };
            await Append("order-1", item);
            var got = (await Ledger.ReadById(Tenants.Default, item.Id))!.EffectiveAt;
            Same($"the effective time {time:O}", $"{Times.FromMicros(Times.ToMicros(time)):O}", $"{got:O}");
        }
    }

    [Fact]
    public async Task Keeps_events_whole_through_a_restart()
    {
        var items = Datas().Select(data => Event("Kept", "x:y") with { Data = data, Headers = [new("h", "v")] }).ToArray();
        await Append("order-1", items);
        var before = (await ReadStream("order-1")).ConvertAll(recorded => (Spoken.Of(recorded), recorded.RecordedAt));

        await Reopen();

        var after = (await ReadStream("order-1")).ConvertAll(recorded => (Spoken.Of(recorded), recorded.RecordedAt));
        Assert.Equal(before, after);
        Assert.All(
            (await ReadStream("order-1")).Zip(items), pair => Assert.True(pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span)));
    }

    internal static NewEvent FilledTo(int bytes, NewEvent item)
    {
        var data = new byte[bytes - Limits.SizeOf(item with { Data = default })];
        new Random(7).NextBytes(data);
        return item with { Data = data };
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Datas()
    {
        foreach (var text in new[]
                 {
                     """{"a":1,"a":2}""", " { \"a\" :\t1 }\r\n", "1e400", "-0", "1.0", "1.00",
                     "0.1000000000000000055511151231257827", "\"\\u00e9\\ud834\\udd1e\"",
                     "\ufeff{}", "not json", "{", "\0", " ", "\n",
                 })
        {
            yield return Encoding.UTF8.GetBytes(text);
        }

        yield return Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();
        yield return new byte[] { 0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80 };
        foreach (var size in new[] { 1, 2, 255, 256, 511, 512, 513, 4095, 4096, 4097, 65_535, 65_536, 65_537 })
        {
            yield return new byte[size];
            var random = new byte[size];
            new Random(size).NextBytes(random);
            yield return random;
        }
    }

    private async Task GivesBack(NewEvent item, string what)
    {
        var appended = await Append(To("order-1", item), what);
        var expected = new RecordedEvent
        {
            Position = appended.First,
            Id = item.Id,
            Tenant = Tenants.Default,
            Stream = "order-1",
            Version = appended.Versions[0].Version,
            Type = item.Type,
            SchemaVersion = item.SchemaVersion,
            RecordedAt = default,
            EffectiveAt = item.EffectiveAt,
            CorrelationId = item.CorrelationId,
            CausationId = item.CausationId,
            Actor = item.Actor,
            TraceParent = item.TraceParent,
            Tags = item.Tags,
            ContentType = item.ContentType,
            Data = item.Data,
            Headers = item.Headers,
        };
        var after = new ReadRequest { After = appended.First - 1, Limit = 1 };
        foreach (var (asked, got) in new (string, ImmutableArray<RecordedEvent>)[]
                 {
                     ("by id", await Ledger.ReadById(Tenants.Default, item.Id) is { } found ? [found] : []),
                     ("by position", [.. await Read(after)]),
                     (
                         "by stream, backward",
                         [.. await Read(new ReadRequest { Query = EventQuery.OfStream("order-1"), Backward = true, Limit = 1 })]),
                     ("across tenants", [.. await Read(after, acrossTenants: true)]),
                 })
        {
            Same($"{what}, {asked}", Spoken.Of(expected), got is [var one] ? Spoken.Of(one) : $"{got.Length} events");
            Assert.True(got[0].Data.Span.SequenceEqual(item.Data.Span), $"{what}, {asked}: the data differs");
        }
    }
}
