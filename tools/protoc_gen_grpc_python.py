"""The grpc_python generator of grpcio-tools as a plugin that buf can call.

grpcio-tools has the generator built into its protoc and ships no stand-alone plugin.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2
from google.protobuf.compiler import plugin_pb2
from grpc_tools import protoc


def generate(request: plugin_pb2.CodeGeneratorRequest) -> plugin_pb2.CodeGeneratorResponse:
    """The `*_pb2_grpc.py` of every requested file that declares a service."""
    response = plugin_pb2.CodeGeneratorResponse(
        supported_features=plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    served = {file.name for file in request.proto_file if file.service}
    wanted = [name for name in request.file_to_generate if name in served]
    if not wanted:
        return response
    with tempfile.TemporaryDirectory() as folder:
        image, out = Path(folder, "image.binpb"), Path(folder, "out")
        out.mkdir()
        files = descriptor_pb2.FileDescriptorSet(file=request.proto_file)
        image.write_bytes(files.SerializeToString())
        flags = [f"--descriptor_set_in={image}", f"--grpc_python_out={out}"]
        code = protoc.main(["protoc", *flags, *wanted])
        if code:
            response.error = f"grpc_tools.protoc exited {code}"
        for path in sorted(out.rglob("*.py")):
            response.file.add(name=str(path.relative_to(out)), content=path.read_text())
    return response


if __name__ == "__main__":
    request = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(request).SerializeToString())
