using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerfold.Model.Replaying;

/// <summary>What of the history is thought to be otherwise: a closed family. The ledger itself never changes.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Remove), "remove")]
[JsonDerivedType(typeof(Replace), "replace")]
[JsonDerivedType(typeof(Insert), "insert")]
public abstract record Alteration
{
    private Alteration()
    {
    }

    /// <summary>The event at a position never happened.</summary>
    public sealed record Remove(long Position) : Alteration;

    /// <summary>The event at a position said something else; what is not given stays as it was.</summary>
    public sealed record Replace(long Position, JsonElement? Data = null, string? Type = null, int? SchemaVersion = null) : Alteration
    {
        /// <summary>When it became true in the world.</summary>
        public DateTimeOffset? EffectiveAt { get; init; }
    }

    /// <summary>Something more happened, right behind a position, at the time of the event that stands there.</summary>
    public sealed record Insert(long After, string Stream, string Type, JsonElement Data) : Alteration
    {
        /// <summary>Whose event it is.</summary>
        public string Tenant { get; init; } = Tenants.Default;

        /// <summary>The version of the schema that the data follow.</summary>
        public int SchemaVersion { get; init; } = 1;

        /// <summary>When it became true in the world.</summary>
        public DateTimeOffset? EffectiveAt { get; init; }

        /// <summary>Labels <c>name:value</c>.</summary>
        public ImmutableArray<string> Tags { get; init; } = [];
    }
}
