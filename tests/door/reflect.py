"""A client that has no file of etcd's: learns the services by reflection, then puts and gets a key by what it learned.

usage: reflect.py HOST:PORT
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

VERSIONS = ("grpc.reflection.v1alpha", "grpc.reflection.v1")


def field(number, kind, name, label=1, type_name=None):
    out = descriptor_pb2.FieldDescriptorProto(name=name, number=number, type=kind, label=label)
    if type_name:
        out.type_name = type_name
    return out


def own_messages():
    """Request and response of reflection, as far as they are needed here."""
    file = descriptor_pb2.FileDescriptorProto(name="ask.proto", package="ask", syntax="proto3")
    request = file.message_type.add(name="Request")
    request.field.extend([field(4, 9, "symbol"), field(7, 9, "services")])
    request.oneof_decl.add(name="what")
    for one in request.field:
        one.oneof_index = 0
    file.message_type.add(name="Files").field.append(field(1, 12, "file", 3))
    file.message_type.add(name="Service").field.append(field(1, 9, "name"))
    file.message_type.add(name="Services").field.append(field(1, 11, "service", 3, ".ask.Service"))
    response = file.message_type.add(name="Response")
    response.field.extend([field(4, 11, "files", 1, ".ask.Files"),
                           field(6, 11, "services", 1, ".ask.Services")])
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return [class_of(pool, "ask." + name) for name in ("Request", "Response")]


def class_of(pool, name):
    descriptor = pool.FindMessageTypeByName(name)
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


def learn(channel, version):
    """All services, and a pool of everything that they need."""
    request, response = own_messages()
    call = channel.stream_stream("/%s.ServerReflection/ServerReflectionInfo" % version,
                                 request_serializer=request.SerializeToString,
                                 response_deserializer=response.FromString)
    names = [one.name for one in next(call(iter([request(services="")]))).services.service]
    pool = descriptor_pool.DescriptorPool()
    seen = set()
    for answer in call(iter([request(symbol=name) for name in names])):
        for raw in reversed(answer.files.file):
            file = descriptor_pb2.FileDescriptorProto.FromString(raw)
            if file.name not in seen:
                pool.Add(file)
                seen.add(file.name)
    return names, pool


def call(channel, pool, service, method, **values):
    found = pool.FindServiceByName(service).FindMethodByName(method)
    request = class_of(pool, found.input_type.full_name)
    response = class_of(pool, found.output_type.full_name)
    return channel.unary_unary("/%s/%s" % (service, method),
                               request_serializer=request.SerializeToString,
                               response_deserializer=response.FromString)(request(**values))


def main():
    channel = grpc.insecure_channel(sys.argv[1])
    for version in VERSIONS:
        names, pool = learn(channel, version)
        print(version, " ".join(names))
    put = call(channel, pool, "etcdserverpb.KV", "Put", key=b"a", value=b"1")
    print("etcdserverpb.KV/Put: OK, revision %d" % put.header.revision)
    got = call(channel, pool, "etcdserverpb.KV", "Range", key=b"a")
    assert got.kvs[0].value == b"1" and got.kvs[0].mod_revision == put.header.revision
    assert call(channel, pool, "grpc.health.v1.Health", "Check").status == 1


main()
