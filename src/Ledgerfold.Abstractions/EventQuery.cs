using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>Which events: any of its items; without items, every event of the tenant that is not the platform's own.</summary>
public sealed record EventQuery
{
    /// <summary>The items, of which an event must match at least one.</summary>
    public ImmutableArray<QueryItem> Items { get; init; } = [];

    /// <summary>Every event but those of the platform's <c>$…</c> categories.</summary>
    public static EventQuery All { get; } = new();

    /// <summary>The events that match this one item.</summary>
    public static EventQuery Of(QueryItem item) => new() { Items = [item] };

    /// <summary>The events of one stream.</summary>
    public static EventQuery OfStream(string stream) => Of(new QueryItem { Stream = stream });

    /// <summary>The events of all streams of a category.</summary>
    public static EventQuery OfCategory(string category) => Of(new QueryItem { Category = category });

    /// <summary>The events of any of these types.</summary>
    public static EventQuery OfTypes(params ImmutableArray<string> types) => Of(new QueryItem { Types = types });

    /// <summary>The events that carry all of these tags.</summary>
    public static EventQuery Tagged(params ImmutableArray<string> tags) => Of(new QueryItem { Tags = tags });

    /// <summary>The events of one conversation.</summary>
    public static EventQuery OfCorrelation(string correlationId) => Tagged(Ledgerfold.Tags.OfCorrelation(correlationId));

    /// <summary>Whether the event is one of those asked for: the definition every index must agree with.</summary>
    public bool Matches(RecordedEvent recorded)
    {
        if (Items.IsDefaultOrEmpty)
            return !StreamNames.IsPlatform(recorded.Stream);
        foreach (var item in Items)
        {
            if (item.Matches(recorded))
                return true;
        }

        return false;
    }
}

/// <summary>Types (any of) and tags (all of) and a stream or a category; every part is optional.</summary>
public sealed record QueryItem
{
    /// <summary>The event has one of these types; empty leaves the type open.</summary>
    public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>The event carries all of these tags; <c>correlation:…</c> stands for its correlation id.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>The event is in this stream.</summary>
    public string? Stream { get; init; }

    /// <summary>The event is in a stream of this category; the platform's <c>$…</c> categories match only when named.</summary>
    public string? Category { get; init; }

    /// <summary>Whether the event matches every part.</summary>
    public bool Matches(RecordedEvent recorded) => MatchesStream(recorded.Stream) && MatchesType(recorded.Type) && MatchesTags(recorded);

    private bool MatchesStream(string stream)
    {
        if (Stream is null && Category is null)
            return !StreamNames.IsPlatform(stream);
        return (Stream is null || Stream == stream) && (Category is null || StreamNames.IsOfCategory(stream, Category));
    }

    private bool MatchesType(string type) => Types.IsDefaultOrEmpty || Types.Contains(type);

    private bool MatchesTags(RecordedEvent recorded)
    {
        foreach (var tag in Tags.IsDefault ? [] : Tags)
        {
            if (!recorded.Tags.Contains(tag) && !Ledgerfold.Tags.IsCorrelation(tag, recorded.CorrelationId))
                return false;
        }

        return true;
    }
}
