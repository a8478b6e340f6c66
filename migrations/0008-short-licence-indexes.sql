-- breaking
-- licences: keyed hashes that stand with every licence keep 16 of their 32 bytes (store/data-keys.ts).
update licence_identifier set identifier_index = substr(identifier_index, 1, 16);
update licence_number set number_index = substr(number_index, 1, 16);
update licence_holder set holder_index = substr(holder_index, 1, 16), name_index = substr(name_index, 1, 16);
update licence set content_digest = substr(content_digest, 1, 16);
