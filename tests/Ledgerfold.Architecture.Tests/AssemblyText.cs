using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ledgerfold.Architecture.Tests;

/// <summary>Every name and every text literal in a compiled assembly.</summary>
internal static class AssemblyText
{
    public static IReadOnlyList<string> Of(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        var metadata = image.GetMetadataReader();
        return [.. Names(metadata), .. Literals(metadata)];
    }

    private static IEnumerable<string> Names(MetadataReader metadata)
    {
        for (var at = MetadataTokens.StringHandle(0); !at.IsNil || metadata.GetHeapOffset(at) == 0; at = metadata.GetNextHandle(at))
        {
            yield return metadata.GetString(at);
            if (metadata.GetNextHandle(at).IsNil)
                yield break;
        }
    }

    private static IEnumerable<string> Literals(MetadataReader metadata)
    {
        for (var at = MetadataTokens.UserStringHandle(0); ; at = metadata.GetNextHandle(at))
        {
            yield return metadata.GetUserString(at);
            if (metadata.GetNextHandle(at).IsNil)
                yield break;
        }
    }
}
