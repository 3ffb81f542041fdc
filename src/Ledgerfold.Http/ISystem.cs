using Ledgerfold.Http.Problems;
using Microsoft.AspNetCore.Routing;

namespace Ledgerfold.Http;

/// <summary>A business that runs on a server: what it brings to the ledger, and its part of the HTTP API.</summary>
public interface ISystem
{
    /// <summary>What it is called, and where its endpoints are: below <c>/api/v1/NAME</c>.</summary>
    string Name { get; }

    /// <summary>The refusals that its endpoints answer with, beside those of the platform.</summary>
    IEnumerable<ProblemKind> Problems { get; }

    /// <summary>Adds its modules, and what they need.</summary>
    void Add(LedgerfoldBuilder ledgerfold);

    /// <summary>Maps its endpoints; the path of the group is its own.</summary>
    void Map(IEndpointRouteBuilder routes);
}
