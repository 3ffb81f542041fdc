namespace Ledgerfold;

/// <summary>A stream is named <c>category-id</c>; the category is the text before the first dash.</summary>
public static class StreamNames
{
    /// <summary>The category of a stream.</summary>
    public static ReadOnlySpan<char> CategoryOf(ReadOnlySpan<char> stream) =>
        stream.IndexOf('-') is var dash && dash < 0 ? stream : stream[..dash];

    /// <summary>Whether the stream is of this category.</summary>
    public static bool IsOfCategory(string stream, string category) =>
        CategoryOf(stream).SequenceEqual(category);

    /// <summary>Whether the stream is the platform's own, its category beginning with <c>$</c>.</summary>
    public static bool IsPlatform(string stream) => stream.StartsWith('$');
}
