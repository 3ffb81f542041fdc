using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Ledgerfold.Server.Endpoints;

/// <summary>An answer whose fields are written by whoever knows them, the same over HTTP and from the command line.</summary>
/// <param name="fields">Writes the fields of the one object that it is.</param>
internal sealed class WrittenJson(Action<Utf8JsonWriter> fields) : IResult
{
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The version of what is answered.</summary>
    public long? Version { get; init; }

    /// <summary>Where what was created is.</summary>
    public string? Location { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (Version is { } version)
            response.Headers.ETag = new EntityTagHeaderValue($"\"{version}\"").ToString();
        if (Location is not null)
            response.Headers.Location = Location;
        response.StatusCode = Status;
        response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        fields(json);
        json.WriteEndObject();
    }
}
