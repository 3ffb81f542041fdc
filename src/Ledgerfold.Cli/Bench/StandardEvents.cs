using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Ledgerfold.Cli.Bench;

/// <summary>
/// The standard event: 256 bytes of JSON, a 36-character stream name, tenant, actor, trace parent, causation, a correlation shared by six
/// events, two tags (of 100 and of 1,000 values), 20 types. Every event is a function of the seed, its block and its place in the block,
/// so that it can be appended again word for word; making one is a clone of a template with an id of its own, so that the generator is
/// not what is measured. Twelve events go to a stream. Immutable: any thread.
/// </summary>
internal sealed class StandardEvents
{
    /// <summary>Events of a block, which is what one bulk append holds.</summary>
    public const int BlockEvents = 512;

    public const int Streams = (BlockEvents + StreamEvents - 1) / StreamEvents;

    public const string Tenant = "acme";

    private const int StreamEvents = 12;
    private const int ConversationEvents = 6;
    private const int Conversations = (BlockEvents + ConversationEvents - 1) / ConversationEvents;
    private const int DataBytes = 256;
    private const int CommonValues = 100;
    private const int RareValues = 1_000;
    private const int Templates = 2 * RareValues;

    private static readonly string[] Types =
    [
        "OrderPlaced", "OrderConfirmed", "PaymentRequested", "PaymentAuthorised", "PaymentCaptured", "PaymentRefused", "StockReserved",
        "StockReleased", "ParcelPacked", "ParcelHandedOver", "ParcelDelivered", "ParcelReturned", "InvoiceIssued", "InvoicePaid",
        "RefundRequested", "RefundGranted", "AddressCorrected", "DiscountGranted", "NoteAdded", "OrderCompleted",
    ];

    private readonly ulong _seed;
    private readonly NewEvent[] _templates = new NewEvent[Templates];

    public StandardEvents(ulong seed = 1)
    {
        _seed = Mix(seed);
        for (var t = 0; t < Templates; t++)
            _templates[t] = MakeTemplate(t);
    }

    /// <summary>One append of the 512 events of a block, to 43 streams of its own.</summary>
    public AppendRequest Block(long block)
    {
        var writes = new StreamWrite[Streams];
        var correlation = "";
        for (var s = 0; s < Streams; s++)
        {
            var first = s * StreamEvents;
            var events = new NewEvent[Math.Min(StreamEvents, BlockEvents - first)];
            for (var e = 0; e < events.Length; e++)
            {
                if ((first + e) % ConversationEvents == 0)
                    correlation = CorrelationOf(block, first + e);
                events[e] = Clone(TemplateOf(block, first + e), block, first + e, correlation);
            }

            writes[s] = new StreamWrite
            {
                Stream = StreamOf(block, first),
                Expect = Expectation.NoStream,
                Events = ImmutableCollectionsMarshal.AsImmutableArray(events),
            };
        }

        return new AppendRequest { Tenant = Tenant, Writes = ImmutableCollectionsMarshal.AsImmutableArray(writes) };
    }

    /// <summary>An append of one event of a block alone, equal to that of <see cref="Block"/>.</summary>
    public AppendRequest Again(long block, int place) =>
        Single(StreamOf(block, place), Expectation.Any, Clone(TemplateOf(block, place), block, place, CorrelationOf(block, place)));

    /// <summary>One append of an event each to many streams that are named by number.</summary>
    public AppendRequest Round(int round, int firstStream, int count)
    {
        var writes = new StreamWrite[count];
        for (var s = 0; s < count; s++)
        {
            var number = ((long)round << 32) | (uint)(firstStream + s);
            var item = Clone(TemplateOf(number, 0), number, 0, CorrelationOf(number / ConversationEvents, 0));
            writes[s] = new StreamWrite { Stream = StreamOf(firstStream + s), Expect = Expectation.Exactly(round), Events = [item] };
        }

        return new AppendRequest { Tenant = Tenant, Writes = ImmutableCollectionsMarshal.AsImmutableArray(writes) };
    }

    /// <summary>The stream of <see cref="Round"/> with this number.</summary>
    public string StreamOf(int number) => StreamOf(number, 0);

    /// <summary>The events of one writer among several, one append each; its values of the rarer tag are no other writer's.</summary>
    public Line LineOf(int writer, int writers, long firstBlock = 0) => new(this, writer, writers, firstBlock);

    /// <summary>A number that follows from this one and looks like chance.</summary>
    public static ulong Mix(ulong number)
    {
        number += 0x9E3779B97F4A7C15;
        number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
        number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
        return number ^ (number >> 31);
    }

    /// <summary>A random-looking id (version 4) of two numbers.</summary>
    public static Guid GuidOf(ulong high, ulong low)
    {
        Span<ulong> halves = [(high & ~0xF0UL) | 0x40, (low & ~0xC0UL) | 0x80];
        return new Guid(MemoryMarshal.AsBytes(halves), bigEndian: true);
    }

    private static AppendRequest Single(string stream, Expectation expect, NewEvent item) =>
        new() { Tenant = Tenant, Writes = [new StreamWrite { Stream = stream, Expect = expect, Events = [item] }] };

    private static NewEvent Clone(NewEvent template, Guid id, string correlation) => template with { Id = id, CorrelationId = correlation };

    private NewEvent Clone(NewEvent template, long block, int place, string correlation) =>
        Clone(template, IdOf(block, place), correlation);

    private ulong NumberOf(long block, int place) => _seed ^ Mix(((ulong)block * BlockEvents) + (ulong)place);

    private Guid IdOf(long block, int place)
    {
        var number = NumberOf(block, place);
        return GuidOf(Mix(number), Mix(number ^ 0x1D));
    }

    private NewEvent TemplateOf(long block, int place) => _templates[Mix(NumberOf(block, place) ^ 0x7E) % Templates];

    private string CorrelationOf(long block, int place)
    {
        var number = _seed ^ Mix(((ulong)block * Conversations) + (ulong)(place / ConversationEvents)) ^ 0xC0;
        return GuidOf(Mix(number), Mix(number ^ 1)).ToString();
    }

    private string StreamOf(long block, int place)
    {
        var number = _seed ^ Mix(((ulong)block * Streams) + (ulong)(place / StreamEvents)) ^ 0x5E;
        return string.Create(36, (High: Mix(number), Low: Mix(number ^ 1)), static (name, halves) =>
        {
            "order-".CopyTo(name);
            halves.High.TryFormat(name[6..], out _, "x16");
            (halves.Low >> 8).TryFormat(name[22..], out _, "x14");
        });
    }

    private NewEvent MakeTemplate(int number)
    {
        var chance = Mix(_seed ^ (ulong)number);
        var common = chance % CommonValues;
        var rare = number % RareValues;
        var start = $$"""{"vendor":"V{{common}}","account":"A{{rare}}","quantity":{{1 + (chance % 9)}},"currency":"EUR","note":" """
            .TrimEnd();
        var data = start.PadRight(DataBytes - 2, (char)('a' + (chance % 26))) + "\"}";
        return new NewEvent
        {
            Id = GuidOf(chance, chance),
            Type = Types[(chance >> 8) % (ulong)Types.Length],
            Data = Encoding.UTF8.GetBytes(data),
            CausationId = GuidOf(Mix(chance), chance).ToString(),
            Actor = $"user:{chance % 500}",
            TraceParent = $"00-{Mix(chance):x16}{chance:x16}-{Mix(chance ^ 1):x16}-01",
            Tags = [$"vendor:V{common}", $"account:A{rare}"],
        };
    }

    /// <summary>One writer's events, in order. One thread at a time.</summary>
    internal sealed class Line
    {
        private readonly StandardEvents _events;
        private readonly int _writer;
        private readonly int _writers;
        private readonly int _ownValues;
        private long _block;
        private int _place;
        private string _stream = "";
        private string _correlation = "";

        internal Line(StandardEvents events, int writer, int writers, long firstBlock)
        {
            _events = events;
            _writer = writer;
            _writers = writers;
            _ownValues = RareValues / writers;
            _block = firstBlock + writer;
        }

        /// <summary>The rarer tag of the event that <see cref="Next"/> made last.</summary>
        public string OwnTag { get; private set; } = "";

        /// <summary>The append of the next event, to the stream's exact version.</summary>
        public AppendRequest Next()
        {
            if (_place == BlockEvents)
            {
                _place = 0;
                _block += _writers;
            }

            if (_place % StreamEvents == 0)
                _stream = _events.StreamOf(_block, _place);
            if (_place % ConversationEvents == 0)
                _correlation = _events.CorrelationOf(_block, _place);
            var chance = Mix(_events.NumberOf(_block, _place) ^ 0x7E);
            var value = _writer + (_writers * (int)(chance % (ulong)_ownValues));
            var template = _events._templates[value + (RareValues * (int)((chance >> 32) & 1))];
            OwnTag = template.Tags[1];
            var item = _events.Clone(template, _block, _place, _correlation);
            return Single(_stream, Expectation.Exactly(_place++ % StreamEvents), item);
        }
    }
}
