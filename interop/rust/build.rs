//! Makes the message types from `proto/vibecoin.proto`, without a `protoc` on the machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../../proto/vibecoin.proto");
    let descriptors = protox::compile(["vibecoin.proto"], ["../../proto"])?;
    prost_build::Config::new()
        .bytes(["."]) // fields of bytes share the memory of the frame
        .compile_fds(descriptors)?;
    Ok(())
}
