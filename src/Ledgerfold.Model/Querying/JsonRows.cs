using System.Text.Json;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Querying;

/// <summary>Asks the rows of one projection as JSON, for who does not know the type of their states.</summary>
public abstract class JsonRows
{
    private protected JsonRows()
    {
    }

    /// <summary>The version that is read now.</summary>
    public abstract FoldName Reads { get; }

    /// <summary>The state under a key, or null.</summary>
    public abstract ValueTask<ReadAnswer<JsonElement?>> Get(
        string key, Consistency? consistency = null, string tenant = Tenants.Default, CancellationToken cancel = default);

    /// <summary>A page of rows.</summary>
    /// <exception cref="ArgumentException">The query breaks a rule, or continues another one.</exception>
    public abstract ValueTask<ReadAnswer<RowPage<JsonElement>>> Read(
        RowQuery<JsonElement>? query = null, Consistency? consistency = null, CancellationToken cancel = default);
}

/// <summary>The same, over who does know it.</summary>
internal sealed class JsonRows<TState>(ProjectionReader<TState> reader, JsonSerializerOptions json) : JsonRows
    where TState : class
{
    public override FoldName Reads => reader.Reads;

    public override async ValueTask<ReadAnswer<JsonElement?>> Get(
        string key, Consistency? consistency = null, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        As<TState?, JsonElement?>(
            await reader.Get(key, consistency, tenant, cancel),
            state => state is null ? null : JsonSerializer.SerializeToElement(state, json));

    public override async ValueTask<ReadAnswer<RowPage<JsonElement>>> Read(
        RowQuery<JsonElement>? query = null, Consistency? consistency = null, CancellationToken cancel = default)
    {
        query ??= new RowQuery<JsonElement>();
        var typed = new RowQuery<TState>
        {
            Tenant = query.Tenant,
            Index = query.Index,
            Value = query.Value,
            Prefix = query.Prefix,
            From = query.From,
            To = query.To,
            Where = query.Where is { } where ? state => where(JsonSerializer.SerializeToElement(state, json)) : null,
            Backward = query.Backward,
            Limit = query.Limit,
            Continue = query.Continue,
        };
        return As(await reader.Read(typed, consistency, cancel), PageOf);
    }

    private RowPage<JsonElement> PageOf(RowPage<TState> page) => new(
        [.. page.Rows.Select(row => new Row<JsonElement>(row.Key, JsonSerializer.SerializeToElement(row.State, json)))], page.Next);

    private static ReadAnswer<TTo> As<TFrom, TTo>(ReadAnswer<TFrom> answer, Func<TFrom, TTo> convert) => answer switch
    {
        ReadAnswer<TFrom>.Found found => new ReadAnswer<TTo>.Found(convert(found.Value), found.Freshness),
        ReadAnswer<TFrom>.Stale stale => new ReadAnswer<TTo>.Stale(stale.Wanted, stale.Freshness),
        _ => throw new InvalidOperationException($"{answer} is no answer."),
    };
}
