//! Where the published models of a family keep what a weights file is made of: names of tensors, special tokens, and what
//! of their configuration must be so for the kernels to compute them.

pub(in crate::model) mod bert;
