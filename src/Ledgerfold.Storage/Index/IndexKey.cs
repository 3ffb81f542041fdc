namespace Ledgerfold.Storage.Index;

/// <summary>
/// What the index knows of an id, a stream, a category, a type or a tag: 128 keyed bits (<see cref="KeyHasher"/>). Nobody without the
/// store's secret can make two of them meet, so equal keys stand for equal things. Ordered as an unsigned 128-bit number.
/// </summary>
internal readonly record struct IndexKey(ulong High, ulong Low) : IComparable<IndexKey>, IKeyed
{
    IndexKey IKeyed.Key => this;

    public static bool operator <(IndexKey left, IndexKey right) =>
        left.High < right.High || (left.High == right.High && left.Low < right.Low);

    public static bool operator >(IndexKey left, IndexKey right) => right < left;

    public static bool operator <=(IndexKey left, IndexKey right) => !(right < left);

    public static bool operator >=(IndexKey left, IndexKey right) => !(left < right);

    public int CompareTo(IndexKey other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public override string ToString() => $"{High:x16}{Low:x16}";
}

/// <summary>A row that is found by its key.</summary>
internal interface IKeyed
{
    IndexKey Key { get; }
}
